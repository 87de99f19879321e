// Where a graphlet was trained, and the ones before and after it, with the spans in common.
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
MATCH (g:Graphlet {key: $key})
CALL (g) {
  MATCH (g)-[:ANCHOR]->(:Execution)-[:IN_RUN]->(n:Run)
  WITH DISTINCT n LIMIT $limit
  WITH n ORDER BY n.key
  WITH collect({kind: 'run', key: n.key, name: n.name, state: n.state, started: n.started}) AS items
  WHERE size(items) > 0
  RETURN 0 AS place, 'runs of the trainer' AS branch, null AS total, items
  UNION ALL
  MATCH (n:Pipeline {name: g.pipeline})
  WHERE n.source = g.source
  WITH n LIMIT $limit
  WITH n ORDER BY n.key
  WITH collect({kind: 'pipeline', key: n.key, name: n.name}) AS items
  WHERE size(items) > 0
  RETURN 1 AS place, 'pipeline' AS branch, null AS total, items
  UNION ALL
  WITH g, COUNT { (g)<-[:NEXT]-() } AS total
  WHERE total > 0
  CALL (g) {
    MATCH (g)<-[r:NEXT]-(n:Graphlet)
    WITH r, n LIMIT $most
    WITH r, n ORDER BY n.started DESC, n.key LIMIT $limit
    RETURN collect({kind: 'graphlet', key: n.key, name: n.name, started: n.started, state: n.state,
                  pushed: n.pushed, cost: n.cost, cost_unit: n.cost_unit,
                  jaccard: r.jaccard}) AS items
  }
  RETURN 2 AS place, 'previous' AS branch, total, items
  UNION ALL
  WITH g, COUNT { (g)-[:NEXT]->() } AS total
  WHERE total > 0
  CALL (g) {
    MATCH (g)-[r:NEXT]->(n:Graphlet)
    WITH r, n LIMIT $most
    WITH r, n ORDER BY n.started DESC, n.key LIMIT $limit
    RETURN collect({kind: 'graphlet', key: n.key, name: n.name, started: n.started, state: n.state,
                  pushed: n.pushed, cost: n.cost, cost_unit: n.cost_unit,
                  jaccard: r.jaccard}) AS items
  }
  RETURN 3 AS place, 'next' AS branch, total, items
}
RETURN branch, total, items
ORDER BY place, branch
