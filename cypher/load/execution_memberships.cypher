// Write a batch of memberships of executions; one with an end that is missing is left out.
//
// $rows: LIST<MAP>, member and container (keys) and type, as the loader makes them
// returns matched: INTEGER, rows whose ends are both there
// :param rows => []
UNWIND $rows AS row
MATCH (m:Execution {key: row.member})
MATCH (c:Pipeline|Run|Context {key: row.container})
WITH m, c, row.type AS type
CALL (m, c, type) {
  WITH * WHERE type = 'IN_RUN'
  MERGE (m)-[:IN_RUN]->(c)
  ON CREATE SET m:Unsegmented
}
CALL (m, c, type) {
  WITH * WHERE type = 'IN_PIPELINE'
  MERGE (m)-[:IN_PIPELINE]->(c)
  ON CREATE SET m:Unsegmented
}
CALL (m, c, type) {
  WITH * WHERE type = 'IN_CONTEXT'
  MERGE (m)-[:IN_CONTEXT]->(c)
  ON CREATE SET m:Unsegmented
}
RETURN count(*) AS matched
ORDER BY matched
