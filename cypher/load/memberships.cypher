// Write a batch of memberships; one with an end that is missing is left out.
//
// $rows: LIST<MAP>, member and container (keys) and type, as the loader makes them
// returns matched: INTEGER, rows whose ends are both there
// :param rows => []
UNWIND $rows AS row
MATCH (m:Pipeline|Run|Context|Execution|Artifact {key: row.member})
MATCH (c:Pipeline|Run|Context|Execution {key: row.container})
MERGE (m)-[r:$(row.type)]->(c)
RETURN count(*) AS matched
ORDER BY matched
