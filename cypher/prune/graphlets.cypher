// Remove the marked graphlets.
//
// Their trainers are noted as pruned: one that stays, because a newer model started from its own,
// gets no new graphlet. The one before in its line is marked, to be linked to the one after.
//
// returns removed: INTEGER, how many
// :auto
MATCH (g:Graphlet&Prunable)
CALL (g) {
  OPTIONAL MATCH (before:Graphlet)-[:NEXT]->(g)
  SET before:Unlinked
  WITH DISTINCT g
  OPTIONAL MATCH (g)-[:ANCHOR]->(t)
  SET t.pruned = true
  DETACH DELETE g
} IN TRANSACTIONS OF 200 ROWS
RETURN count(*) AS removed
ORDER BY removed
