// Write a batch of events that wrote; one whose artifact or execution is missing is left out.
//
// What a cached or resolution execution puts out existed before: it is REPUBLISHED.
//
// $rows: LIST<MAP>, artifact, execution, type, name, properties and time, as the loader makes them
// returns matched: INTEGER, rows whose ends are both there
// :param rows => []
UNWIND $rows AS row
MATCH (a:Artifact {key: row.artifact})
MATCH (e:Execution {key: row.execution})
WITH a, e, row,
     CASE WHEN row.type = 'OUTPUT' AND (e.state = 'CACHED' OR e:Resolution)
          THEN 'REPUBLISHED' ELSE row.type END AS type
MERGE (e)-[r:$(type) {name: row.name}]->(a)
ON CREATE SET r = row.properties,
  r.time = CASE WHEN row.time IS NOT NULL THEN datetime({epochMillis: row.time}) END
RETURN count(*) AS matched
ORDER BY matched
