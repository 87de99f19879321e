// The trainer nodes of a pipeline, its last models and its last runs, newest first.
//
// $key: STRING, its key
// $limit: INTEGER, items of each branch at most
// returns branch: STRING, what the items are to it
// returns total: INTEGER, how many there are
// returns items: LIST<MAP>, kind, key, name and what is known of each
// :param key => ''
// :param limit => 20
MATCH (p:Pipeline {key: $key})
CALL (p) {
  MATCH (g:Graphlet {pipeline: p.name})
  WHERE g.source = p.source
  WITH g.node AS node, count(*) AS models, sum(CASE WHEN g.pushed THEN 1 ELSE 0 END) AS pushed
  RETURN 0 AS place, 'trainer nodes' AS branch, -models AS rank,
         {kind: 'node', key: null, name: node, models: models, models_pushed: pushed} AS item
  UNION ALL
  MATCH (g:Graphlet {pipeline: p.name})
  WHERE g.source = p.source
  RETURN 1 AS place, 'last graphlets' AS branch, -g.started.epochMillis AS rank,
         {kind: 'graphlet', key: g.key, name: g.name, started: g.started,
          state: g.state,
          pushed: g.pushed, cost: g.cost, cost_unit: g.cost_unit} AS item
  UNION ALL
  MATCH (p)<-[:OF]-(r:Run)
  OPTIONAL MATCH (r)<-[:IN_RUN]-(e:Execution)
  WITH r, coalesce(r.started, min(e.started), r.created) AS started, count(e) AS executions
  RETURN 2 AS place, 'last runs' AS branch, -started.epochMillis AS rank,
         {kind: 'run', key: r.key, name: r.name, state: r.state, started: started,
          executions: executions} AS item
}
WITH place, branch, rank, item
ORDER BY place, branch, rank, item.name, item.key
WITH place, branch, collect(item) AS items
RETURN branch, size(items) AS total, items[..$limit] AS items
ORDER BY place, branch
