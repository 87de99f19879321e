// Mark one of each two or more executions that share a signature.
//
// returns marked: INTEGER, how many
// :auto
MATCH (e:Execution)
WHERE e.signature IS NOT NULL
WITH e.signature AS signature, count(*) AS executions
WHERE executions > 1
CALL (signature) {
  MATCH (e:Execution {signature: signature})
  WITH e LIMIT 1
  SET e:Ungrouped
} IN TRANSACTIONS OF 20000 ROWS
RETURN count(*) AS marked
ORDER BY marked
