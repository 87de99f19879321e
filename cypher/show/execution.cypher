// What an execution read and wrote, where it ran, and the graphlets that hold it.
//
// $key: STRING, its key
// $limit: INTEGER, items of each branch at most
// returns branch: STRING, what the items are to it
// returns total: INTEGER, how many there are
// returns items: LIST<MAP>, kind, key, name and what is known of each
// :param key => ''
// :param limit => 20
MATCH (e:Execution {key: $key})
CALL (e) {
  MATCH (e)<-[r]-(a:Artifact)
  RETURN CASE type(r) WHEN 'INPUT' THEN 0 ELSE 1 END AS place,
         CASE type(r) WHEN 'INPUT' THEN 'inputs' WHEN 'REFERENCE' THEN 'references'
                      WHEN 'NAMED_INPUT' THEN 'read by name' ELSE 'internal inputs' END AS branch, r.index AS rank,
         {kind: 'artifact', key: a.key, name: a.name, class: a.artifact, uri: a.uri,
          role: r.name} AS item
  UNION ALL
  MATCH (e)-[r]->(a:Artifact)
  RETURN CASE type(r) WHEN 'OUTPUT' THEN 2 ELSE 3 END AS place,
         CASE type(r) WHEN 'OUTPUT' THEN 'outputs' WHEN 'REPUBLISHED' THEN 'republished'
                      WHEN 'PENDING_OUTPUT' THEN 'pending outputs'
                      ELSE 'internal outputs' END AS branch, r.index AS rank,
         {kind: 'artifact', key: a.key, name: a.name, class: a.artifact, uri: a.uri,
          role: r.name} AS item
  UNION ALL
  MATCH (e)-[:IN_RUN]->(r:Run)
  RETURN 4 AS place, 'run' AS branch, 0 AS rank,
         {kind: 'run', key: r.key, name: r.name, state: r.state, started: r.started} AS item
  UNION ALL
  MATCH (e)-[:IN_RUN]->(:Run)-[:OF]->(p:Pipeline)
  RETURN DISTINCT 5 AS place, 'pipeline' AS branch, 0 AS rank,
         {kind: 'pipeline', key: p.key, name: p.name} AS item
  UNION ALL
  MATCH (e)<-[c:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]-(g:Graphlet)
  RETURN 6 AS place, 'graphlets' AS branch, g.started.epochMillis AS rank,
         {kind: 'graphlet', key: g.key, name: g.name, started: g.started,
          state: g.state,
          pushed: g.pushed, cost: g.cost, cost_unit: g.cost_unit,
          role: CASE type(c) WHEN 'ANCHOR' THEN 'trainer' ELSE toLower(type(c)) END} AS item
}
WITH place, branch, rank, item
ORDER BY place, branch, rank, item.name, item.key
WITH place, branch, collect(item) AS items
RETURN branch, size(items) AS total, items[..$limit] AS items
ORDER BY place, branch
