// From version 1: graphlets are held by other relationships; take them out, to be cut again.
//
// returns removed: INTEGER, how many
// :auto
MATCH (g:Graphlet)
CALL (g) {
  DETACH DELETE g
} IN TRANSACTIONS OF 200 ROWS
RETURN count(*) AS removed
ORDER BY removed
