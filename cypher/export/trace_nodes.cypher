// Every node of one source, as `lineage export trace` writes them.
//
// Times are in ms since 1970.
// Artifacts that all sources name the same are among them where the source touches them.
// Order: by kind as listed here, and then by key, which each index gives without a sort.
//
// $prefix: STRING, what the keys of the source begin with
// returns kind: STRING, pipeline, run, context, execution or artifact
// returns node: MAP, its properties
// :param prefix => ''
CALL () {
  MATCH (n:Pipeline) WHERE n.key STARTS WITH $prefix
  WITH n ORDER BY n.key
  RETURN 'pipeline' AS kind, n
  UNION ALL
  MATCH (n:Run) WHERE n.key STARTS WITH $prefix
  WITH n ORDER BY n.key
  RETURN 'run' AS kind, n
  UNION ALL
  MATCH (n:Context) WHERE n.key STARTS WITH $prefix
  WITH n ORDER BY n.key
  RETURN 'context' AS kind, n
  UNION ALL
  MATCH (n:Execution) WHERE n.key STARTS WITH $prefix
  WITH n ORDER BY n.key
  RETURN 'execution' AS kind, n
  UNION ALL
  MATCH (n:Artifact) WHERE n.key STARTS WITH $prefix
  WITH n ORDER BY n.key
  RETURN 'artifact' AS kind, n
  UNION ALL
  MATCH (a:Artifact)
  WHERE a.dataset IS NOT NULL AND EXISTS { (a)--(e:Execution) WHERE e.key STARTS WITH $prefix }
  WITH a ORDER BY a.key
  RETURN 'artifact' AS kind, a AS n
}
RETURN kind, n {
  .*,
  created: n.created.epochMillis, updated: n.updated.epochMillis,
  started: n.started.epochMillis, ended: n.ended.epochMillis
} AS node
