// Take the mark off what was to be removed, and was not.
//
// returns unmarked: INTEGER, how many
// :auto
MATCH (n:Prunable)
CALL (n) {
  REMOVE n:Prunable
} IN TRANSACTIONS OF 20000 ROWS
RETURN count(*) AS unmarked
ORDER BY unmarked
