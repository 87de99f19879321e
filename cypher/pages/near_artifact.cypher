// Who wrote and who read an artifact, its other versions, and the graphlets that hold it.
//
// Each branch is cut, so that a hub costs no more than any other node: at most $most neighbours are
// looked at, and $limit of these are listed; the total is the node's degree.
//
// $key: STRING, its key
// $limit: INTEGER, items of each branch at most
// $most: INTEGER, neighbours of each branch that are looked at
// returns branch: STRING, what the items are to it
// returns total: INTEGER, how many there are, or null where they were not counted
// returns items: LIST<MAP>, kind, key, name and what is known of each
// :param key => ''
// :param limit => 20
// :param most => 1000
MATCH (a:Artifact {key: $key})
CALL (a) {
  WITH a, COUNT { (a)<-[:OUTPUT]-() } AS total
  WHERE total > 0
  CALL (a) {
    MATCH (a)<-[r:OUTPUT]-(n:Execution)
    WITH r, n LIMIT $most
    WITH r, n ORDER BY coalesce(n.started, n.created), n.key LIMIT $limit
    RETURN collect({kind: 'execution', key: n.key, name: n.name, class: n.operator, role: r.name,
                  state: CASE WHEN n.abandoned THEN 'ABANDONED' ELSE n.state END,
                  started: coalesce(n.started, n.created), cost: n.cost, cost_unit: n.cost_unit}) AS items
  }
  RETURN 0 AS place, 'producers' AS branch, total, items
  UNION ALL
  WITH a, COUNT { (a)<-[:REPUBLISHED]-() } AS total
  WHERE total > 0
  CALL (a) {
    MATCH (a)<-[r:REPUBLISHED]-(n:Execution)
    WITH r, n LIMIT $most
    WITH r, n ORDER BY coalesce(n.started, n.created), n.key LIMIT $limit
    RETURN collect({kind: 'execution', key: n.key, name: n.name, class: n.operator, role: r.name,
                  state: CASE WHEN n.abandoned THEN 'ABANDONED' ELSE n.state END,
                  started: coalesce(n.started, n.created), cost: n.cost, cost_unit: n.cost_unit}) AS items
  }
  RETURN 1 AS place, 'republished by' AS branch, total, items
  UNION ALL
  WITH a, COUNT { (a)<-[:PENDING_OUTPUT]-() } AS total
  WHERE total > 0
  CALL (a) {
    MATCH (a)<-[r:PENDING_OUTPUT]-(n:Execution)
    WITH r, n LIMIT $most
    WITH r, n ORDER BY coalesce(n.started, n.created), n.key LIMIT $limit
    RETURN collect({kind: 'execution', key: n.key, name: n.name, class: n.operator, role: r.name,
                  state: CASE WHEN n.abandoned THEN 'ABANDONED' ELSE n.state END,
                  started: coalesce(n.started, n.created), cost: n.cost, cost_unit: n.cost_unit}) AS items
  }
  RETURN 2 AS place, 'promised by' AS branch, total, items
  UNION ALL
  WITH a, COUNT { (a)<-[:INTERNAL_OUTPUT]-() } AS total
  WHERE total > 0
  CALL (a) {
    MATCH (a)<-[r:INTERNAL_OUTPUT]-(n:Execution)
    WITH r, n LIMIT $most
    WITH r, n ORDER BY coalesce(n.started, n.created), n.key LIMIT $limit
    RETURN collect({kind: 'execution', key: n.key, name: n.name, class: n.operator, role: r.name,
                  state: CASE WHEN n.abandoned THEN 'ABANDONED' ELSE n.state END,
                  started: coalesce(n.started, n.created), cost: n.cost, cost_unit: n.cost_unit}) AS items
  }
  RETURN 3 AS place, 'written within' AS branch, total, items
  UNION ALL
  WITH a, COUNT { (a)-[:INPUT]->() } AS total
  WHERE total > 0
  CALL (a) {
    MATCH (a)-[r:INPUT]->(n:Execution)
    WITH r, n LIMIT $most
    WITH r, n ORDER BY coalesce(n.started, n.created), n.key LIMIT $limit
    RETURN collect({kind: 'execution', key: n.key, name: n.name, class: n.operator, role: r.name,
                  state: CASE WHEN n.abandoned THEN 'ABANDONED' ELSE n.state END,
                  started: coalesce(n.started, n.created), cost: n.cost, cost_unit: n.cost_unit}) AS items
  }
  RETURN 4 AS place, 'consumers' AS branch, total, items
  UNION ALL
  WITH a, COUNT { (a)-[:NAMED_INPUT]->() } AS total
  WHERE total > 0
  CALL (a) {
    MATCH (a)-[r:NAMED_INPUT]->(n:Execution)
    WITH r, n LIMIT $most
    WITH r, n ORDER BY coalesce(n.started, n.created), n.key LIMIT $limit
    RETURN collect({kind: 'execution', key: n.key, name: n.name, class: n.operator, role: r.name,
                  state: CASE WHEN n.abandoned THEN 'ABANDONED' ELSE n.state END,
                  started: coalesce(n.started, n.created), cost: n.cost, cost_unit: n.cost_unit}) AS items
  }
  RETURN 5 AS place, 'read by name' AS branch, total, items
  UNION ALL
  WITH a, COUNT { (a)-[:REFERENCE]->() } AS total
  WHERE total > 0
  CALL (a) {
    MATCH (a)-[r:REFERENCE]->(n:Execution)
    WITH r, n LIMIT $most
    WITH r, n ORDER BY coalesce(n.started, n.created), n.key LIMIT $limit
    RETURN collect({kind: 'execution', key: n.key, name: n.name, class: n.operator, role: r.name,
                  state: CASE WHEN n.abandoned THEN 'ABANDONED' ELSE n.state END,
                  started: coalesce(n.started, n.created), cost: n.cost, cost_unit: n.cost_unit}) AS items
  }
  RETURN 6 AS place, 'referred to by' AS branch, total, items
  UNION ALL
  WITH a, COUNT { (a)-[:INTERNAL_INPUT]->() } AS total
  WHERE total > 0
  CALL (a) {
    MATCH (a)-[r:INTERNAL_INPUT]->(n:Execution)
    WITH r, n LIMIT $most
    WITH r, n ORDER BY coalesce(n.started, n.created), n.key LIMIT $limit
    RETURN collect({kind: 'execution', key: n.key, name: n.name, class: n.operator, role: r.name,
                  state: CASE WHEN n.abandoned THEN 'ABANDONED' ELSE n.state END,
                  started: coalesce(n.started, n.created), cost: n.cost, cost_unit: n.cost_unit}) AS items
  }
  RETURN 7 AS place, 'read within' AS branch, total, items
  UNION ALL
  WITH a, COUNT { (a)<-[:BOUNDARY|ANCESTOR|SPAN|DESCENDANT|ANALYSIS]-() } AS total
  WHERE total > 0
  CALL (a) {
    MATCH (a)<-[r:BOUNDARY|ANCESTOR|SPAN|DESCENDANT|ANALYSIS]-(n:Graphlet)
    WITH r, n LIMIT $most
    WITH r, n ORDER BY n.started DESC, n.key LIMIT $limit
    RETURN collect({kind: 'graphlet', key: n.key, name: n.name, started: n.started, state: n.state,
                  pushed: n.pushed, cost: n.cost, cost_unit: n.cost_unit,
                  role: CASE type(r) WHEN 'ANCHOR' THEN 'trainer' WHEN 'SPAN' THEN 'span'
                                     ELSE toLower(type(r)) END}) AS items
  }
  RETURN 8 AS place, 'graphlets' AS branch, total, items
  UNION ALL
  MATCH (n:Artifact {dataset: a.dataset})
  WHERE n <> a
  WITH n LIMIT $most
  WITH n ORDER BY n.written DESC, n.key LIMIT $limit
  WITH collect({kind: 'artifact', key: n.key, name: n.source_id, class: n.artifact}) AS items
  WHERE size(items) > 0
  RETURN 9 AS place, 'other versions' AS branch, null AS total, items
  UNION ALL
  WITH a, COUNT { (a)-[:SAME_CONTENT]->() } AS total
  WHERE total > 0
  CALL (a) {
    MATCH (a)-[r:SAME_CONTENT]->(n:Artifact)
    WITH r, n LIMIT $most
    WITH r, n ORDER BY n.key LIMIT $limit
    RETURN collect({kind: 'artifact', key: n.key, name: n.name, class: n.artifact, uri: n.uri, role: null}) AS items
  }
  RETURN 10 AS place, 'same content' AS branch, total, items
  UNION ALL
  WITH a, COUNT { (a)<-[:SAME_CONTENT]-() } AS total
  WHERE total > 0
  CALL (a) {
    MATCH (a)<-[r:SAME_CONTENT]-(n:Artifact)
    WITH r, n LIMIT $most
    WITH r, n ORDER BY n.key LIMIT $limit
    RETURN collect({kind: 'artifact', key: n.key, name: n.name, class: n.artifact, uri: n.uri, role: null}) AS items
  }
  RETURN 11 AS place, 'same content' AS branch, total, items
}
RETURN branch, total, items
ORDER BY place, branch
