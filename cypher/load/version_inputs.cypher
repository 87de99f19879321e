// Write a batch of inputs that state a version of a data set; see `load/inputs`.
//
// The same version may be what another input of the execution was bound to by name: that is a
// relationship of its own.
//
// $rows: LIST<MAP>, artifact, execution, name, properties and time, as the loader makes them
// returns matched: INTEGER, rows whose ends are both there
// :param rows => []
UNWIND $rows AS row
MATCH (a:Artifact {key: row.artifact})
MATCH (e:Execution {key: row.execution})
SET e.key = e.key // locks it, as MERGE would
WITH a, e, row
CALL (a, e, row) {
  WITH * WHERE NOT EXISTS {
    (a)-[r:INPUT {name: row.name}]->(e) WHERE r.named IS NULL
  }
  CREATE (a)-[r:INPUT]->(e)
  SET r = row.properties, e:Unsegmented,
      r.time = CASE WHEN row.time IS NOT NULL THEN datetime({epochMillis: row.time}) END
}
RETURN count(*) AS matched
ORDER BY matched
