// Write a batch of events that read; one whose artifact or execution is missing is left out.
//
// A subquery for each type: a relationship whose type is only known at run time is looked for by
// scanning them all when the statement is first planned on an empty graph.
//
// $rows: LIST<MAP>, artifact, execution, type, name, properties and time, as the loader makes them
// returns matched: INTEGER, rows whose ends are both there
// :param rows => []
UNWIND $rows AS row
MATCH (a:Artifact {key: row.artifact})
MATCH (e:Execution {key: row.execution})
WITH a, e, row.type AS type, row.name AS name, row.properties AS properties,
     CASE WHEN row.time IS NOT NULL THEN datetime({epochMillis: row.time}) END AS time
CALL (a, e, type, name, properties, time) {
  WITH * WHERE type = 'INPUT'
  MERGE (a)-[r:INPUT {name: name}]->(e)
  ON CREATE SET r = properties, r.time = time
}
CALL (a, e, type, name, properties, time) {
  WITH * WHERE type = 'REFERENCE'
  MERGE (a)-[r:REFERENCE {name: name}]->(e)
  ON CREATE SET r = properties, r.time = time
}
CALL (a, e, type, name, properties, time) {
  WITH * WHERE type = 'INTERNAL_INPUT'
  MERGE (a)-[r:INTERNAL_INPUT {name: name}]->(e)
  ON CREATE SET r = properties, r.time = time
}
RETURN count(*) AS matched
ORDER BY matched
