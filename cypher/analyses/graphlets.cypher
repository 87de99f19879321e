// Each model's graphlet: its size, what it cost, and how like the one before it is.
//
// $source: STRING, only this source, or null for all
// $pipeline: STRING, only this pipeline, or null for all
// $since: STRING, only what started at this time (ISO 8601) or later, or null
// $until: STRING, only what started before this time, or null
// $sort: STRING, `cost` (highest first), `started` (latest first), `executions` or `key`
// $limit: INTEGER, how many at most, or null for all
// returns key: STRING, the graphlet's key
// returns source: STRING, the trainer's source
// returns pipeline: STRING, the pipeline it counts for, or null
// returns node: STRING, the trainer's node
// returns trainer: STRING, the trainer's native id
// returns started: DATETIME, the trainer's start
// returns state: STRING, `open` or `complete`
// returns pushed: BOOLEAN, whether the model was deployed
// returns executions: INTEGER, executions in it
// returns artifacts: INTEGER, artifacts in it
// returns spans: INTEGER, spans that the model was trained on
// returns duration: FLOAT, from the first start to the last end in it, seconds
// returns cost: FLOAT, cost of all its executions, in cost_unit
// returns attributed_cost: FLOAT, its share of that cost
// returns wasted: FLOAT, the part of its share that only models not pushed used
// returns wasted_share: FLOAT, wasted, of attributed_cost, 0 to 1
// returns cost_unit: STRING, the trainer's unit; costs in other units are left out
// returns jaccard: FLOAT, overlap of spans with the graphlet before it, 0 to 1; null for the first
// :param source => null
// :param pipeline => null
// :param since => null
// :param until => null
// :param sort => 'cost'
// :param limit => 20
MATCH (g:Graphlet)
WHERE ($source IS NULL OR g.source = $source)
  AND ($pipeline IS NULL OR g.pipeline = $pipeline)
  AND ($since IS NULL OR g.started >= datetime($since))
  AND ($until IS NULL OR g.started < datetime($until))
WITH g, CASE $sort WHEN 'cost' THEN -g.cost WHEN 'executions' THEN -g.executions
                   WHEN 'started' THEN -g.started.epochMillis ELSE 0 END AS rank
ORDER BY rank, g.key
LIMIT coalesce($limit, 9223372036854775807)
WITH collect({g: g, rank: rank}) AS chosen
// Whether an execution was wasted is asked once for each, however many graphlets hold it; the
// graphlets that hold it but were not chosen fall away after.
CALL (chosen) {
  UNWIND chosen AS one
  RETURN one.g AS g, one.rank AS rank, true AS picked, 0.0 AS share
  UNION ALL
  CALL (chosen) {
    UNWIND chosen AS one
    WITH one.g AS g
    WHERE g.state = 'complete' AND NOT g.pushed
    MATCH (g)-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]->(m:Execution)
    WHERE m.cost > 0
    RETURN DISTINCT m
  }
  CALL (m) {
    WITH m
    WHERE NOT EXISTS { (m)<-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]-(used:Graphlet)
                       WHERE used.pushed OR used.state = 'open' }
    MATCH (m)<-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]-(g:Graphlet)
    WHERE g.cost_unit = m.cost_unit
    RETURN g
  }
  RETURN g, null AS rank, false AS picked, 
         m.cost / COUNT { (m)<-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]-() } AS share
}
WITH g, max(rank) AS rank, max(picked) AS picked, sum(share) AS wasted
WHERE picked
CALL (g) {
  MATCH (g)-[c:ANCHOR|BOUNDARY|ANCESTOR|SPAN|DESCENDANT|ANALYSIS]->(m)
  WITH c, m, CASE WHEN m:Execution AND m.cost_unit = g.cost_unit AND m.cost > 0
                  THEN m.cost / COUNT { (m)<-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]-() }
                  ELSE 0.0 END AS share
  RETURN sum(CASE WHEN type(c) = 'SPAN' THEN 1 ELSE 0 END) AS spans,
         min(m.started) AS first, max(m.ended) AS last, sum(share) AS attributed
}
OPTIONAL MATCH (g)<-[next:NEXT]-()
RETURN g.key AS key, g.source AS source, g.pipeline AS pipeline, g.node AS node,
       g.source_id AS trainer, g.started AS started, g.state AS state, g.pushed AS pushed,
       g.executions AS executions, g.artifacts AS artifacts, spans,
       duration.inSeconds(first, last).milliseconds / 1000.0 AS duration, g.cost AS cost,
       attributed AS attributed_cost, wasted,
       CASE WHEN attributed > 0 THEN wasted / attributed ELSE 0.0 END AS wasted_share,
       g.cost_unit AS cost_unit, next.jaccard AS jaccard
ORDER BY rank, key
