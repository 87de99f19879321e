// A graphlet's executions and artifacts, as `lineage export prov` writes them.
//
// Times are in ms since 1970. The executions that wrote a boundary artifact are in no role: without
// them nobody could tell that it is one.
//
// $key: STRING, the graphlet's key
// returns kind: STRING, execution or artifact
// returns role: STRING, what it is to the graphlet, or null
// returns node: MAP, its properties
// :param key => ''
MATCH (g:Graphlet {key: $key})
CALL (g) {
  MATCH (g)-[c:ANCHOR|BOUNDARY|ANCESTOR|SPAN|DESCENDANT|ANALYSIS]->(n)
  RETURN n, CASE type(c) WHEN 'ANCHOR' THEN 'trainer' WHEN 'SPAN' THEN 'ancestor'
                         ELSE toLower(type(c)) END AS role
  UNION
  MATCH (g)-[:BOUNDARY]->(:Artifact)<-[:OUTPUT]-(n:Execution)
  WHERE NOT EXISTS { (g)-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]->(n) }
  RETURN n, null AS role
}
RETURN CASE WHEN n:Execution THEN 'execution' ELSE 'artifact' END AS kind, role, n {
  .*,
  created: n.created.epochMillis, updated: n.updated.epochMillis,
  started: n.started.epochMillis, ended: n.ended.epochMillis
} AS node
ORDER BY kind, n.key
