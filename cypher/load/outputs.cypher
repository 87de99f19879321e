// Write a batch of outputs; one whose artifact or execution is missing is left out.
//
// What a cached or resolution execution puts out existed before: it is REPUBLISHED. A subquery for
// each type: a relationship whose type is only known at run time is looked for by scanning them all
// when the statement is first planned on an empty graph.
//
// $rows: LIST<MAP>, artifact, execution, name, properties and time, as the loader makes them
// returns matched: INTEGER, rows whose ends are both there
// :param rows => []
UNWIND $rows AS row
MATCH (a:Artifact {key: row.artifact})
MATCH (e:Execution {key: row.execution})
WITH a, e, row, e.state = 'CACHED' OR e:Resolution AS hands_on,
     CASE WHEN row.time IS NOT NULL THEN datetime({epochMillis: row.time}) END AS time
CALL (a, e, row, hands_on, time) {
  WITH * WHERE NOT hands_on
  MERGE (e)-[r:OUTPUT {name: row.name}]->(a)
  ON CREATE SET e:Unsegmented, r = row.properties, r.time = time
  FOREACH (_ IN CASE WHEN a.dataset IS NOT NULL THEN [1] ELSE [] END | SET e:Unbound)
}
CALL (a, e, row, hands_on, time) {
  WITH * WHERE hands_on
  MERGE (e)-[r:REPUBLISHED {name: row.name}]->(a)
  ON CREATE SET e:Unsegmented, r = row.properties, r.time = time
}
RETURN count(*) AS matched
ORDER BY matched
