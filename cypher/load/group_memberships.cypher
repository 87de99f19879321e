// Write a batch of memberships of groups in groups; one with an end that is missing is left out.
//
// An execution that names its parent is part of that one alone.
//
// $rows: LIST<MAP>, member and container (keys) and type, as the loader makes them
// returns matched: INTEGER, rows whose ends are both there
// :param rows => []
UNWIND $rows AS row
MATCH (m:Pipeline|Run|Context|Execution|Artifact {key: row.member})
MATCH (c:Pipeline|Run|Context|Execution|Artifact {key: row.container})
WITH m, c, row.type AS type
CALL (m, c, type) {
  WITH * WHERE type = 'OF'
  MERGE (m)-[:OF]->(c)
  ON CREATE SET m:Unsettled
}
CALL (m, c, type) {
  WITH * WHERE type = 'PART_OF' AND coalesce(m.parent, c.key) = c.key
  MERGE (m)-[:PART_OF]->(c)
  ON CREATE SET m:Unsettled
}
RETURN count(*) AS matched
ORDER BY matched
