// What ran in a run, its pipeline, and the models that it trained.
//
// $key: STRING, its key
// $limit: INTEGER, items of each branch at most
// returns branch: STRING, what the items are to it
// returns total: INTEGER, how many there are
// returns items: LIST<MAP>, kind, key, name and what is known of each
// :param key => ''
// :param limit => 20
MATCH (r:Run {key: $key})
CALL (r) {
  MATCH (r)-[:OF]->(p:Pipeline)
  RETURN 0 AS place, 'pipeline' AS branch, 0 AS rank,
         {kind: 'pipeline', key: p.key, name: p.name} AS item
  UNION ALL
  MATCH (r)<-[:IN_RUN]-(e:Execution)
  RETURN 1 AS place, 'executions' AS branch, coalesce(e.started, e.created).epochMillis AS rank,
         {kind: 'execution', key: e.key, name: e.name, class: e.operator,
          state: CASE WHEN e.abandoned THEN 'ABANDONED' ELSE e.state END,
          cost: e.cost, cost_unit: e.cost_unit,
          holders: COUNT { (e)<-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]-() }} AS item
  UNION ALL
  MATCH (r)<-[:IN_RUN]-(:Execution)<-[:ANCHOR]-(g:Graphlet)
  RETURN 2 AS place, 'graphlets' AS branch, g.started.epochMillis AS rank,
         {kind: 'graphlet', key: g.key, name: g.name, started: g.started,
          state: g.state,
          pushed: g.pushed, cost: g.cost, cost_unit: g.cost_unit} AS item
}
WITH place, branch, rank, item
ORDER BY place, branch, rank, item.name, item.key
WITH place, branch, collect(item) AS items
RETURN branch, size(items) AS total, items[..$limit] AS items
ORDER BY place, branch
