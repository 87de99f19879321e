// What a graphlet's executions read and wrote within it, as `lineage export prov` writes it.
//
// That others wrote a boundary artifact is told, too.
//
// $key: STRING, the graphlet's key
// returns execution: STRING, its key
// returns artifact: STRING, its key
// returns type: STRING, relationship type
// returns role: STRING, what the artifact was to the execution
// returns index: INTEGER, its place in that role, or null
// returns time: INTEGER, ms since 1970, or null
// :param key => ''
MATCH (g:Graphlet {key: $key})
CALL (g) {
  MATCH (g)-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]->(e:Execution)
  MATCH (e)-[r:INPUT|OUTPUT|REFERENCE|REPUBLISHED|INTERNAL_INPUT|INTERNAL_OUTPUT|PENDING_OUTPUT]-(a:Artifact)
  WHERE EXISTS { (g)-[:BOUNDARY|ANCESTOR|SPAN|DESCENDANT|ANALYSIS]->(a) }
  RETURN e, r, a
  UNION
  MATCH (g)-[:BOUNDARY]->(a:Artifact)<-[r:OUTPUT]-(e:Execution)
  RETURN e, r, a
}
RETURN e.key AS execution, a.key AS artifact, type(r) AS type,
       r.role AS role, r.index AS index, r.time.epochMillis AS time
ORDER BY execution, type, r.name, artifact
