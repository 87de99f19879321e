// Two or more executions with all that decides whether they are equivalent.
//
// $keys: LIST<STRING>, their keys
// $hints: LIST<STRING>, input roles that do not alter what is computed
// returns key: STRING, the execution's key
// returns name: STRING, its name
// returns properties: MAP, all its properties
// returns inputs: LIST<MAP>, name (role and index), artifact, title, class, content, same, assumed,
//   digest, version, producers (names), sorted by name
// :param keys => []
// :param hints => ['analyzer_cache']
UNWIND $keys AS wanted
MATCH (e:Execution {key: wanted})
RETURN e.key AS key, e.name AS name, properties(e) AS properties, COLLECT {
  MATCH (a)-[r:INPUT|REFERENCE]->(e)
  WHERE NOT r.role IN $hints
  WITH a, r.name AS name, COLLECT { MATCH (a)<-[:OUTPUT]-(p) RETURN p.name ORDER BY p.name } AS made
  ORDER BY name, coalesce(a.same, a.content)
  RETURN {name: name, artifact: a.key, title: a.name, class: a.artifact, content: a.content,
          same: a.same, assumed: a.assumed, digest: a.digest, version: a.version, producers: made}
} AS inputs
ORDER BY key
