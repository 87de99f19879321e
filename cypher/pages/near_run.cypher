// The pipeline of a run, and the models that it trained.
//
// Each branch is cut, so that a hub costs no more than any other node: at most $most neighbours are
// looked at, and $limit of these are listed.
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
MATCH (r:Run {key: $key})
CALL (r) {
  MATCH (r)-[:OF]->(n:Pipeline)
  WITH n LIMIT $limit
  WITH n ORDER BY n.key
  WITH collect({kind: 'pipeline', key: n.key, name: n.name}) AS items
  WHERE size(items) > 0
  RETURN 0 AS place, 'pipeline' AS branch, null AS total, items
  UNION ALL
  MATCH (r)<-[:IN_RUN]-(e:Execution)
  WITH e LIMIT $most
  MATCH (e)<-[:ANCHOR]-(n:Graphlet)
  WITH n ORDER BY n.started, n.key LIMIT $limit
  WITH collect({kind: 'graphlet', key: n.key, name: n.name, started: n.started, state: n.state,
                pushed: n.pushed, cost: n.cost, cost_unit: n.cost_unit}) AS items
  WHERE size(items) > 0
  RETURN 1 AS place, 'graphlets' AS branch, null AS total, items
}
RETURN branch, total, items
ORDER BY place, branch
