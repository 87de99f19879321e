// Write a batch of memberships of artifacts; one with an end that is missing is left out.
//
// $rows: LIST<MAP>, member and container (keys), as the loader makes them
// returns matched: INTEGER, rows whose ends are both there
// :param rows => []
UNWIND $rows AS row
MATCH (m:Artifact {key: row.member})
MATCH (c:Pipeline|Run|Context {key: row.container})
MERGE (m)-[:IN_CONTEXT]->(c)
RETURN count(*) AS matched
ORDER BY matched
