// What is in a graphlet, in the order of the data flow, and what is around it.
//
// Deployments say what they did, which is why it counts as pushed or not.
//
// $key: STRING, its key
// $limit: INTEGER, items of each branch at most
// returns branch: STRING, what the items are to it
// returns total: INTEGER, how many there are
// returns items: LIST<MAP>, kind, key, name and what is known of each
// :param key => ''
// :param limit => 20
MATCH (g:Graphlet {key: $key})
CALL (g) {
  MATCH (g)-[c:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]->(e:Execution)
  WITH e, CASE type(c) WHEN 'ANCHOR' THEN 'trainer' ELSE toLower(type(c)) END AS role
  RETURN CASE role WHEN 'boundary' THEN 0 WHEN 'ancestor' THEN 1 WHEN 'trainer' THEN 2
                     WHEN 'descendant' THEN 3 ELSE 4 END AS place,
         role AS branch, coalesce(e.started, e.created).epochMillis * 2 AS rank,
         {kind: 'execution', key: e.key, name: e.name, class: e.operator,
          state: CASE WHEN e.abandoned THEN 'ABANDONED' ELSE e.state END,
          cost: e.cost, cost_unit: e.cost_unit,
          holders: COUNT { (e)<-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]-() }} AS item
  UNION ALL
  MATCH (g)-[c:BOUNDARY|ANCESTOR|SPAN|DESCENDANT|ANALYSIS]->(a:Artifact)
  OPTIONAL MATCH (a)<-[:OUTPUT]-(p:Execution)
  WITH a, c, min(coalesce(p.started, p.created)) AS made,
       CASE type(c) WHEN 'SPAN' THEN 'ancestor' ELSE toLower(type(c)) END AS role
  RETURN CASE role WHEN 'boundary' THEN 0 WHEN 'ancestor' THEN 1 WHEN 'trainer' THEN 2
                     WHEN 'descendant' THEN 3 ELSE 4 END AS place,
         role AS branch, coalesce(made, a.created).epochMillis * 2 + 1 AS rank,
         {kind: 'artifact', key: a.key, name: a.name, class: a.artifact, uri: a.uri,
          span: CASE WHEN type(c) = 'SPAN' THEN true END,
          holders: COUNT { (a)<-[:ANCHOR|BOUNDARY|ANCESTOR|SPAN|DESCENDANT|ANALYSIS]-() }} AS item
  UNION ALL
  MATCH (g)-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]->(d:Deployment&Execution)
  OPTIONAL MATCH (d)-[:OUTPUT]->(a:Artifact)
  WITH d, count(a) AS written, sum(CASE WHEN a.pushed = false THEN 0 ELSE 1 END) AS pushing
  RETURN 5 AS place, 'deployments' AS branch, coalesce(d.started, d.created).epochMillis AS rank,
         {kind: 'execution', key: d.key, name: d.name, class: d.operator, state: d.state,
          why: CASE WHEN NOT d.state IN ['COMPLETE', 'UNKNOWN'] THEN 'did not complete'
                    WHEN written = 0 THEN 'wrote nothing'
                    WHEN pushing = 0 THEN 'says that nothing was pushed'
                    ELSE 'pushed a model' END} AS item
  UNION ALL
  MATCH (g)<-[next:NEXT]-(other:Graphlet)
  RETURN 6 AS place, 'previous' AS branch, 0 AS rank,
         {kind: 'graphlet', key: other.key, name: other.name, started: other.started,
          state: other.state,
          pushed: other.pushed, cost: other.cost, cost_unit: other.cost_unit,
          jaccard: next.jaccard} AS item
  UNION ALL
  MATCH (g)-[next:NEXT]->(other:Graphlet)
  RETURN 7 AS place, 'next' AS branch, 0 AS rank,
         {kind: 'graphlet', key: other.key, name: other.name, started: other.started,
          state: other.state,
          pushed: other.pushed, cost: other.cost, cost_unit: other.cost_unit,
          jaccard: next.jaccard} AS item
}
WITH place, branch, rank, item
ORDER BY place, branch, rank, item.name, item.key
WITH place, branch, collect(item) AS items
RETURN branch, size(items) AS total, items[..$limit] AS items
ORDER BY place, branch
