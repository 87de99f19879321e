// What an execution read and wrote, where it ran, what it repeats, and the graphlets that hold it.
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
MATCH (e:Execution {key: $key})
CALL (e) {
  WITH e, COUNT { (e)<-[:INPUT]-() } AS total
  WHERE total > 0
  CALL (e) {
    MATCH (e)<-[r:INPUT]-(n:Artifact)
    WITH r, n LIMIT $most
    WITH r, n ORDER BY r.index, n.name, n.key LIMIT $limit
    RETURN collect({kind: 'artifact', key: n.key, name: n.name, class: n.artifact, uri: n.uri, role: r.name}) AS items
  }
  RETURN 0 AS place, 'inputs' AS branch, total, items
  UNION ALL
  WITH e, COUNT { (e)<-[:NAMED_INPUT]-() } AS total
  WHERE total > 0
  CALL (e) {
    MATCH (e)<-[r:NAMED_INPUT]-(n:Artifact)
    WITH r, n LIMIT $most
    WITH r, n ORDER BY r.index, n.name, n.key LIMIT $limit
    RETURN collect({kind: 'artifact', key: n.key, name: n.name, class: n.artifact, uri: n.uri, role: r.name}) AS items
  }
  RETURN 1 AS place, 'read by name' AS branch, total, items
  UNION ALL
  WITH e, COUNT { (e)<-[:REFERENCE]-() } AS total
  WHERE total > 0
  CALL (e) {
    MATCH (e)<-[r:REFERENCE]-(n:Artifact)
    WITH r, n LIMIT $most
    WITH r, n ORDER BY r.index, n.name, n.key LIMIT $limit
    RETURN collect({kind: 'artifact', key: n.key, name: n.name, class: n.artifact, uri: n.uri, role: r.name}) AS items
  }
  RETURN 2 AS place, 'references' AS branch, total, items
  UNION ALL
  WITH e, COUNT { (e)<-[:INTERNAL_INPUT]-() } AS total
  WHERE total > 0
  CALL (e) {
    MATCH (e)<-[r:INTERNAL_INPUT]-(n:Artifact)
    WITH r, n LIMIT $most
    WITH r, n ORDER BY r.index, n.name, n.key LIMIT $limit
    RETURN collect({kind: 'artifact', key: n.key, name: n.name, class: n.artifact, uri: n.uri, role: r.name}) AS items
  }
  RETURN 3 AS place, 'internal inputs' AS branch, total, items
  UNION ALL
  WITH e, COUNT { (e)-[:OUTPUT]->() } AS total
  WHERE total > 0
  CALL (e) {
    MATCH (e)-[r:OUTPUT]->(n:Artifact)
    WITH r, n LIMIT $most
    WITH r, n ORDER BY r.index, n.name, n.key LIMIT $limit
    RETURN collect({kind: 'artifact', key: n.key, name: n.name, class: n.artifact, uri: n.uri, role: r.name}) AS items
  }
  RETURN 4 AS place, 'outputs' AS branch, total, items
  UNION ALL
  WITH e, COUNT { (e)-[:REPUBLISHED]->() } AS total
  WHERE total > 0
  CALL (e) {
    MATCH (e)-[r:REPUBLISHED]->(n:Artifact)
    WITH r, n LIMIT $most
    WITH r, n ORDER BY r.index, n.name, n.key LIMIT $limit
    RETURN collect({kind: 'artifact', key: n.key, name: n.name, class: n.artifact, uri: n.uri, role: r.name}) AS items
  }
  RETURN 5 AS place, 'republished' AS branch, total, items
  UNION ALL
  WITH e, COUNT { (e)-[:PENDING_OUTPUT]->() } AS total
  WHERE total > 0
  CALL (e) {
    MATCH (e)-[r:PENDING_OUTPUT]->(n:Artifact)
    WITH r, n LIMIT $most
    WITH r, n ORDER BY r.index, n.name, n.key LIMIT $limit
    RETURN collect({kind: 'artifact', key: n.key, name: n.name, class: n.artifact, uri: n.uri, role: r.name}) AS items
  }
  RETURN 6 AS place, 'pending outputs' AS branch, total, items
  UNION ALL
  WITH e, COUNT { (e)-[:INTERNAL_OUTPUT]->() } AS total
  WHERE total > 0
  CALL (e) {
    MATCH (e)-[r:INTERNAL_OUTPUT]->(n:Artifact)
    WITH r, n LIMIT $most
    WITH r, n ORDER BY r.index, n.name, n.key LIMIT $limit
    RETURN collect({kind: 'artifact', key: n.key, name: n.name, class: n.artifact, uri: n.uri, role: r.name}) AS items
  }
  RETURN 7 AS place, 'internal outputs' AS branch, total, items
  UNION ALL
  WITH e, COUNT { (e)-[:IN_RUN]->() } AS total
  WHERE total > 0
  CALL (e) {
    MATCH (e)-[r:IN_RUN]->(n:Run)
    WITH r, n LIMIT $most
    WITH r, n ORDER BY coalesce(n.started, n.created), n.key LIMIT $limit
    RETURN collect({kind: 'run', key: n.key, name: n.name, state: n.state, started: n.started}) AS items
  }
  RETURN 8 AS place, 'runs' AS branch, total, items
  UNION ALL
  MATCH (e)-[:IN_RUN]->(:Run)-[:OF]->(n:Pipeline)
  WITH DISTINCT n LIMIT $limit
  WITH n ORDER BY n.key
  WITH collect({kind: 'pipeline', key: n.key, name: n.name}) AS items
  WHERE size(items) > 0
  RETURN 9 AS place, 'pipelines' AS branch, null AS total, items
  UNION ALL
  WITH e, COUNT { (e)<-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]-() } AS total
  WHERE total > 0
  CALL (e) {
    MATCH (e)<-[r:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]-(n:Graphlet)
    WITH r, n LIMIT $most
    WITH r, n ORDER BY n.started DESC, n.key LIMIT $limit
    RETURN collect({kind: 'graphlet', key: n.key, name: n.name, started: n.started, state: n.state,
                  pushed: n.pushed, cost: n.cost, cost_unit: n.cost_unit,
                  role: CASE type(r) WHEN 'ANCHOR' THEN 'trainer' WHEN 'SPAN' THEN 'span'
                                     ELSE toLower(type(r)) END}) AS items
  }
  RETURN 10 AS place, 'graphlets' AS branch, total, items
  UNION ALL
  WITH e, COUNT { (e)-[:REPEATS|CONCURRENT]->() } AS total
  WHERE total > 0
  CALL (e) {
    MATCH (e)-[r:REPEATS|CONCURRENT]->(n:Execution)
    WITH r, n LIMIT $most
    WITH r, n ORDER BY coalesce(n.started, n.created), n.key LIMIT $limit
    RETURN collect({kind: 'execution', key: n.key, name: n.name, class: n.operator, role: toLower(type(r)),
                  state: CASE WHEN n.abandoned THEN 'ABANDONED' ELSE n.state END,
                  started: coalesce(n.started, n.created), cost: n.cost, cost_unit: n.cost_unit}) AS items
  }
  RETURN 11 AS place, 'repeats' AS branch, total, items
  UNION ALL
  WITH e, COUNT { (e)<-[:REPEATS|CONCURRENT]-() } AS total
  WHERE total > 0
  CALL (e) {
    MATCH (e)<-[r:REPEATS|CONCURRENT]-(n:Execution)
    WITH r, n LIMIT $most
    WITH r, n ORDER BY coalesce(n.started, n.created), n.key LIMIT $limit
    RETURN collect({kind: 'execution', key: n.key, name: n.name, class: n.operator, role: toLower(type(r)),
                  state: CASE WHEN n.abandoned THEN 'ABANDONED' ELSE n.state END,
                  started: coalesce(n.started, n.created), cost: n.cost, cost_unit: n.cost_unit}) AS items
  }
  RETURN 12 AS place, 'repeated by' AS branch, total, items
}
RETURN branch, total, items
ORDER BY place, branch
