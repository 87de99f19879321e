// Remove graphlets whose trainer is gone, or was no training after all.
//
// returns removed: INTEGER, how many
// :auto
MATCH (g:Graphlet)
WHERE NOT EXISTS { (g)-[:ANCHOR]->(t:Training WHERE t.state <> 'CACHED') }
CALL (g) {
  DETACH DELETE g
} IN TRANSACTIONS OF 200 ROWS
RETURN count(*) AS removed
ORDER BY removed
