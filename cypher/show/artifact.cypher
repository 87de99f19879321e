// Who wrote and who read an artifact, and the graphlets that hold it.
//
// $key: STRING, its key
// $limit: INTEGER, items of each branch at most
// returns branch: STRING, what the items are to it
// returns total: INTEGER, how many there are
// returns items: LIST<MAP>, kind, key, name and what is known of each
// :param key => ''
// :param limit => 20
MATCH (a:Artifact {key: $key})
CALL (a) {
  MATCH (a)<-[r]-(e:Execution)
  RETURN CASE type(r) WHEN 'OUTPUT' THEN 0 ELSE 1 END AS place,
         CASE type(r) WHEN 'OUTPUT' THEN 'producers' WHEN 'REPUBLISHED' THEN 'republished by'
                      WHEN 'PENDING_OUTPUT' THEN 'promised by'
                      ELSE 'written within' END AS branch,
         coalesce(e.started, e.created).epochMillis AS rank,
         {kind: 'execution', key: e.key, name: e.name, class: e.operator,
          state: CASE WHEN e.abandoned THEN 'ABANDONED' ELSE e.state END,
          cost: e.cost, cost_unit: e.cost_unit, role: r.name,
          holders: COUNT { (e)<-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]-() }} AS item
  UNION ALL
  MATCH (a)-[r]->(e:Execution)
  RETURN CASE type(r) WHEN 'INPUT' THEN 2 ELSE 3 END AS place,
         CASE type(r) WHEN 'INPUT' THEN 'consumers' WHEN 'REFERENCE' THEN 'referred to by'
                      WHEN 'NAMED_INPUT' THEN 'read by name' ELSE 'read within' END AS branch,
         coalesce(e.started, e.created).epochMillis AS rank,
         {kind: 'execution', key: e.key, name: e.name, class: e.operator,
          state: CASE WHEN e.abandoned THEN 'ABANDONED' ELSE e.state END,
          cost: e.cost, cost_unit: e.cost_unit, role: r.name,
          holders: COUNT { (e)<-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]-() }} AS item
  UNION ALL
  MATCH (a)<-[c:ANCHOR|BOUNDARY|ANCESTOR|SPAN|DESCENDANT|ANALYSIS]-(g:Graphlet)
  RETURN 4 AS place, 'graphlets' AS branch, g.started.epochMillis AS rank,
         {kind: 'graphlet', key: g.key, name: g.name, started: g.started,
          state: g.state,
          pushed: g.pushed, cost: g.cost, cost_unit: g.cost_unit,
          span: CASE WHEN type(c) = 'SPAN' THEN true END,
          role: CASE type(c) WHEN 'SPAN' THEN 'ancestor' ELSE toLower(type(c)) END} AS item
  UNION ALL
  MATCH (b:Artifact {dataset: a.dataset})
  WHERE b <> a
  RETURN 5 AS place, CASE a.written WHEN -1 THEN 'versions' ELSE 'other versions' END AS branch, -b.written AS rank,
         {kind: 'artifact', key: b.key, name: b.source_id, class: b.artifact} AS item
  UNION ALL
  MATCH (a)-[:SAME_CONTENT]-*(b:Artifact)
  WHERE b <> a
  WITH DISTINCT b
  RETURN 6 AS place, 'same content' AS branch, 0 AS rank,
         {kind: 'artifact', key: b.key, name: b.name, class: b.artifact} AS item
  UNION ALL
  WITH a WHERE a.dataset IS NOT NULL
  CALL (a) {
    MATCH (near:Alias)
    WHERE coalesce(a.full_name, a.name) IN [near.left, near.right]
    RETURN collect(near.left) + collect(near.right) AS names
  }
  MATCH (n:Alias)
  WHERE n.left IN names OR n.right IN names
  RETURN 7 AS place, 'joined because' AS branch, 0 AS rank,
         {kind: 'alias', key: n.key, name: n.name + ', says ' + n.source + ' (' + n.why + ')'} AS item
}
WITH place, branch, rank, item
ORDER BY place, branch, rank, item.name, item.key
WITH place, branch, collect(item) AS items
RETURN branch, size(items) AS total, items[..$limit] AS items
ORDER BY place, branch
