// Take the mark off groups that changed, once what they hold is settled.
//
// $prefix: STRING, what the keys of the source begin with
// returns settled: INTEGER, how many
// :param prefix => ''
// :auto
MATCH (group:Unsettled)
WHERE group.key STARTS WITH $prefix
CALL (group) {
  REMOVE group:Unsettled
} IN TRANSACTIONS OF 20000 ROWS
RETURN count(*) AS settled
ORDER BY settled
