// How many graphlets were pushed, failed, or are open.
//
// Filters choose graphlets by their trainer. Of an open graphlet it is not decided whether it will
// be pushed.
//
// $source: STRING, only this source, or null for all
// $pipeline: STRING, only this pipeline, or null for all
// $since: STRING, only what started at this time (ISO 8601) or later, or null
// $until: STRING, only what started before this time, or null
// returns what: STRING, what happened to them
// returns graphlets: INTEGER, how many it happened to
// returns of: INTEGER, how many it may have happened to
// returns share: FLOAT, graphlets, of how many it may have happened to, 0 to 1
// :param source => null
// :param pipeline => null
// :param since => null
// :param until => null
CALL () {
  MATCH (g:Graphlet)
  WHERE ($source IS NULL OR g.source = $source)
    AND ($pipeline IS NULL OR g.pipeline = $pipeline)
    AND ($since IS NULL OR g.started >= datetime($since))
    AND ($until IS NULL OR g.started < datetime($until))
  MATCH (g)-[:ANCHOR]->(t)
  RETURN count(*) AS graphlets,
         sum(CASE WHEN g.pushed THEN 1 ELSE 0 END) AS pushed,
         sum(CASE WHEN g.state = 'open' THEN 1 ELSE 0 END) AS open,
         sum(CASE WHEN g.state = 'open' AND NOT g.pushed THEN 1 ELSE 0 END) AS undecided,
         sum(CASE WHEN t.state = 'FAILED' THEN 1 ELSE 0 END) AS untrained,
         sum(CASE WHEN t.state = 'RUNNING' THEN 1 ELSE 0 END) AS training,
         sum(CASE WHEN EXISTS { (g)-[:BOUNDARY]->() } THEN 1 ELSE 0 END) AS warm,
         0 AS failed
  UNION ALL
  // From the executions that failed: they are few, what graphlets hold is a lot.
  MATCH (e:Execution)
  WHERE e.state = 'FAILED'
  MATCH (e)<-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]-(g:Graphlet)
  WHERE ($source IS NULL OR g.source = $source)
    AND ($pipeline IS NULL OR g.pipeline = $pipeline)
    AND ($since IS NULL OR g.started >= datetime($since))
    AND ($until IS NULL OR g.started < datetime($until))
  RETURN 0 AS graphlets, 0 AS pushed, 0 AS open, 0 AS undecided, 0 AS untrained, 0 AS training,
         0 AS warm, count(DISTINCT g) AS failed
}
WITH sum(graphlets) AS graphlets, sum(pushed) AS pushed, sum(open) AS open,
     sum(undecided) AS undecided, sum(untrained) AS untrained, sum(training) AS training,
     sum(warm) AS warm, sum(failed) AS failed
UNWIND [
  [0, 'pushed', pushed, graphlets - undecided],
  [1, 'trainer failed', untrained, graphlets - training],
  [2, 'something in it failed', failed, graphlets],
  [3, 'started from another model', warm, graphlets],
  [4, 'open', open, graphlets]
] AS one
WITH one[0] AS place, one[1] AS what, one[2] AS graphlets, one[3] AS of
WHERE of > 0
RETURN what, graphlets, of, toFloat(graphlets) / of AS share
ORDER BY place
