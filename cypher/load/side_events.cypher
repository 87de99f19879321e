// Write a batch of events that segmentation does not follow: references, internal, pending ones.
//
// One whose artifact or execution is missing is left out.
//
// $rows: LIST<MAP>, artifact, execution, type, name, properties and time, as the loader makes them
// returns matched: INTEGER, rows whose ends are both there
// :param rows => []
UNWIND $rows AS row
MATCH (a:Artifact {key: row.artifact})
MATCH (e:Execution {key: row.execution})
WITH a, e, row,
     CASE WHEN row.time IS NOT NULL THEN datetime({epochMillis: row.time}) END AS time
CALL (a, e, row, time) {
  WITH * WHERE row.type = 'REFERENCE'
  MERGE (a)-[r:REFERENCE {name: row.name}]->(e)
  ON CREATE SET e:Unsegmented, r = row.properties, r.time = time
}
CALL (a, e, row, time) {
  WITH * WHERE row.type = 'INTERNAL_INPUT'
  MERGE (a)-[r:INTERNAL_INPUT {name: row.name}]->(e)
  ON CREATE SET e:Unsegmented, r = row.properties, r.time = time
}
CALL (a, e, row, time) {
  WITH * WHERE row.type = 'INTERNAL_OUTPUT'
  MERGE (e)-[r:INTERNAL_OUTPUT {name: row.name}]->(a)
  ON CREATE SET e:Unsegmented, r = row.properties, r.time = time
}
CALL (a, e, row, time) {
  WITH * WHERE row.type = 'PENDING_OUTPUT'
  MERGE (e)-[r:PENDING_OUTPUT {name: row.name}]->(a)
  ON CREATE SET e:Unsegmented, r = row.properties, r.time = time
}
RETURN count(*) AS matched
ORDER BY matched
