// One step from executions and artifacts: what read them, and what was made of them.
//
// A hub is cut: the total is what it would list otherwise. What an execution merely handed on, such
// as a resolver does, was not made of what it read.
//
// $keys: LIST<STRING>, of executions and artifacts
// $limit: INTEGER, neighbours of each at most
// returns key: STRING, one of the keys
// returns total: INTEGER, how many neighbours it has
// returns items: LIST<MAP>, kind, key, name and what is known of each
// :param keys => []
// :param limit => 20
UNWIND $keys AS key
CALL (key) {
  MATCH (n:Execution {key: key})
  RETURN n
  UNION
  MATCH (n:Artifact {key: key})
  RETURN n
}
CALL (n) {
  MATCH (n)-[r:INPUT|OUTPUT|INTERNAL_INPUT|INTERNAL_OUTPUT]->(m)
  WHERE NOT (r:INTERNAL_OUTPUT AND (n:Resolution OR n.state = 'CACHED'))
  WITH m LIMIT $limit
  WITH DISTINCT m
  WITH m ORDER BY coalesce(m.started, m.created), m.key
  RETURN collect({kind: CASE WHEN m:Execution THEN 'execution' ELSE 'artifact' END,
                  key: m.key, name: m.name, class: coalesce(m.operator, m.artifact),
                  state: CASE WHEN m.abandoned THEN 'ABANDONED' ELSE m.state END,
                  started: coalesce(m.started, m.created)}) AS items
}
RETURN key,
       COUNT { (n)-[:INPUT|OUTPUT|INTERNAL_INPUT]->() }
       + CASE WHEN n:Resolution OR n.state = 'CACHED' THEN 0
              ELSE COUNT { (n)-[:INTERNAL_OUTPUT]->() } END AS total, items
ORDER BY key
