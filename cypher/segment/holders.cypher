// Count on each execution the graphlets that hold it: its cost is split evenly over them.
//
// returns changed: INTEGER, executions whose count changed
// :auto
MATCH (e:Execution)
WITH e, COUNT { (e)<-[:CONTAINS]-() } AS holders
WHERE coalesce(e.holders, -1) <> holders
CALL (e, holders) {
  SET e.holders = holders
} IN TRANSACTIONS OF 20000 ROWS
RETURN count(*) AS changed
ORDER BY changed
