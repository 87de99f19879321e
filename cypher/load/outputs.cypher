// Write a batch of events that wrote; one whose artifact or execution is missing is left out.
//
// What a cached or resolution execution puts out existed before: it is REPUBLISHED. A subquery for
// each type: a relationship whose type is only known at run time is looked for by scanning them all
// when the statement is first planned on an empty graph.
//
// $rows: LIST<MAP>, artifact, execution, type, name, properties and time, as the loader makes them
// returns matched: INTEGER, rows whose ends are both there
// :param rows => []
UNWIND $rows AS row
MATCH (a:Artifact {key: row.artifact})
MATCH (e:Execution {key: row.execution})
WITH a, e, row.name AS name, row.properties AS properties,
     CASE WHEN row.type = 'OUTPUT' AND (e.state = 'CACHED' OR e:Resolution)
          THEN 'REPUBLISHED' ELSE row.type END AS type,
     CASE WHEN row.time IS NOT NULL THEN datetime({epochMillis: row.time}) END AS time
CALL (a, e, type, name, properties, time) {
  WITH * WHERE type = 'OUTPUT'
  MERGE (e)-[r:OUTPUT {name: name}]->(a)
  ON CREATE SET r = properties, r.time = time
}
CALL (a, e, type, name, properties, time) {
  WITH * WHERE type = 'REPUBLISHED'
  MERGE (e)-[r:REPUBLISHED {name: name}]->(a)
  ON CREATE SET r = properties, r.time = time
}
CALL (a, e, type, name, properties, time) {
  WITH * WHERE type = 'INTERNAL_OUTPUT'
  MERGE (e)-[r:INTERNAL_OUTPUT {name: name}]->(a)
  ON CREATE SET r = properties, r.time = time
}
CALL (a, e, type, name, properties, time) {
  WITH * WHERE type = 'PENDING_OUTPUT'
  MERGE (e)-[r:PENDING_OUTPUT {name: name}]->(a)
  ON CREATE SET r = properties, r.time = time
}
RETURN count(*) AS matched
ORDER BY matched
