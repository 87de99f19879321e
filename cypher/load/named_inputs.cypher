// Write a batch of inputs that name a data set and no version of it; which one is found afterwards.
//
// $rows: LIST<MAP>, artifact, execution, name, properties and time, as the loader makes them
// returns matched: INTEGER, rows whose ends are both there
// :param rows => []
UNWIND $rows AS row
MATCH (a:Artifact {key: row.artifact})
MATCH (e:Execution {key: row.execution})
MERGE (a)-[r:NAMED_INPUT {name: row.name}]->(e)
ON CREATE SET e:Unbound, r = row.properties,
  r.time = CASE WHEN row.time IS NOT NULL THEN datetime({epochMillis: row.time}) END
RETURN count(*) AS matched
ORDER BY matched
