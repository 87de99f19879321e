// Pipelines in the order of their keys, a page of them.
//
// $after: STRING, the last key of the page before, or an empty one
// $limit: INTEGER, how many at most
// $most: INTEGER, graphlets of each that are counted
// returns kind: STRING, always pipeline
// returns key: STRING, its key
// returns name: STRING, its name
// returns source: STRING, where it came from
// returns runs: INTEGER, how many
// returns models: INTEGER, graphlets; no more than $most are counted
// returns pushed: INTEGER, of these, those pushed
// returns last: DATETIME, the start of the newest of these
// :param after => ''
// :param limit => 50
// :param most => 1000
MATCH (p:Pipeline)
WHERE p.key > $after
WITH p ORDER BY p.key LIMIT $limit
CALL (p) {
  MATCH (g:Graphlet {pipeline: p.name})
  WHERE g.source = p.source
  WITH g LIMIT $most
  RETURN count(g) AS models, count(CASE WHEN g.pushed THEN 1 END) AS pushed,
         max(g.started) AS last
}
RETURN 'pipeline' AS kind, p.key AS key, p.name AS name, p.source AS source,
       COUNT { (p)<-[:OF]-() } AS runs, models, pushed, last
ORDER BY key
