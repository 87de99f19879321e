// Remove the marked executions, artifacts, runs and contexts.
//
// Executions go last: what has no time of its own is as old as they are, should this be stopped.
//
// returns removed: INTEGER, how many
// :auto
MATCH (n:Prunable)
WITH n ORDER BY CASE WHEN n:Execution THEN 2 WHEN n:Artifact THEN 1 ELSE 0 END
CALL (n) {
  DETACH DELETE n
} IN TRANSACTIONS OF 500 ROWS
RETURN count(*) AS removed
ORDER BY removed
