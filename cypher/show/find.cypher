// Nodes that a text may mean, best first: key, native id, name, then what begins with it.
//
// A native id may stand alone or as `execution/ID`. Every branch is an index seek, but for names of
// pipelines and runs.
//
// $wanted: STRING, a key, native id or name, or how one begins
// $dataset: STRING, canonical name of the data set that it may be, or null
// $kind: STRING, graphlet, execution, artifact, pipeline or run, or null for any
// returns tier: INTEGER, 0 key, 1 native id, 2 name, 3 begins with it
// returns kind: STRING, graphlet, execution, artifact, pipeline or run
// returns key: STRING, the node's key
// returns name: STRING, the node's name
// returns dataset: STRING, canonical name of the data set that it is a version of, or null
// returns written: INTEGER, when that version was, ms since 1970; -1 for a data set as such
// :param wanted => 'demo'
// :param dataset => null
// :param kind => null
CALL () {
  MATCH (n:Graphlet|Execution|Artifact|Pipeline|Run {key: $wanted})
  RETURN 0 AS tier, n
  UNION ALL
  MATCH (s:Source)
  WITH replace(replace(s.name, '%', '%25'), '#', '%23') + '#' AS prefix
  UNWIND ['', 'pipeline/', 'run/', 'execution/', 'artifact/'] AS middle
  WITH prefix + middle + $wanted AS key
  MATCH (n:Graphlet|Execution|Artifact|Pipeline|Run {key: key})
  RETURN 1 AS tier, n
  UNION ALL
  MATCH (n:Execution) WHERE n.name = $wanted
  RETURN 2 AS tier, n LIMIT 50
  UNION ALL
  MATCH (n:Artifact) WHERE n.name = $wanted
  RETURN 2 AS tier, n LIMIT 50
  UNION ALL
  MATCH (n:Artifact) WHERE n.dataset = $dataset AND n.written = -1
  RETURN 2 AS tier, n LIMIT 50
  UNION ALL
  MATCH (n:Artifact) WHERE n.dataset = $dataset AND n.written >= 0
  RETURN 2 AS tier, n ORDER BY n.dataset DESC, n.written DESC LIMIT 50
  UNION ALL
  MATCH (n:Pipeline|Run) WHERE n.name = $wanted
  RETURN 2 AS tier, n LIMIT 50
  UNION ALL
  MATCH (n:Execution) WHERE n.name STARTS WITH $wanted
  RETURN 3 AS tier, n LIMIT 50
  UNION ALL
  MATCH (n:Artifact) WHERE n.name STARTS WITH $wanted
  RETURN 3 AS tier, n LIMIT 50
  UNION ALL
  MATCH (n:Graphlet|Execution|Artifact|Pipeline|Run) WHERE n.key STARTS WITH $wanted
  RETURN 3 AS tier, n LIMIT 50
  UNION ALL
  MATCH (s:Source)
  WITH replace(replace(s.name, '%', '%25'), '#', '%23') + '#' AS prefix
  UNWIND ['pipeline/', 'run/', 'execution/', 'artifact/'] AS middle
  WITH prefix + middle + $wanted AS start
  CALL (start) {
    MATCH (n:Execution) WHERE n.key STARTS WITH start RETURN n LIMIT 20
    UNION ALL
    MATCH (n:Artifact) WHERE n.key STARTS WITH start RETURN n LIMIT 20
    UNION ALL
    MATCH (n:Run) WHERE n.key STARTS WITH start RETURN n LIMIT 20
    UNION ALL
    MATCH (n:Pipeline) WHERE n.key STARTS WITH start RETURN n LIMIT 20
  }
  RETURN 3 AS tier, n
}
WITH n, min(tier) AS tier,
     CASE WHEN n:Graphlet THEN 'graphlet' WHEN n:Execution THEN 'execution'
          WHEN n:Artifact THEN 'artifact' WHEN n:Pipeline THEN 'pipeline' ELSE 'run' END AS kind
WHERE $kind IS NULL OR kind = $kind
   OR $kind = 'graphlet' AND kind = 'execution' AND EXISTS { (n)<-[:ANCHOR]-() }
WITH tier, coalesce($kind, kind) AS meant, n ORDER BY n:Graphlet DESC
WITH tier, meant AS kind, n.key AS key, head(collect(n.name)) AS name,
     head(collect(n.dataset)) AS dataset, head(collect(n.written)) AS written
RETURN tier, kind, key, name, dataset, written
ORDER BY tier,
  CASE kind WHEN 'graphlet' THEN 0 WHEN 'pipeline' THEN 1 WHEN 'run' THEN 2 WHEN 'execution' THEN 3
            ELSE 4 END,
  key
LIMIT 50
