// Take out artifacts that all sources share and none touches any more.
//
// returns removed: INTEGER, how many
// :auto
MATCH (a:Prunable)
WHERE a.dataset IS NOT NULL
CALL (a) {
  WITH a, EXISTS { (a)--(:Execution) } AS stays
  FOREACH (_ IN CASE WHEN stays THEN [1] ELSE [] END | REMOVE a:Prunable SET a:Unsegmented)
  FOREACH (_ IN CASE WHEN stays THEN [] ELSE [1] END | DETACH DELETE a)
  RETURN CASE WHEN stays THEN 0 ELSE 1 END AS one
} IN TRANSACTIONS OF 2000 ROWS
RETURN coalesce(sum(one), 0) AS removed
ORDER BY removed
