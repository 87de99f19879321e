// Take out everything that came from one source, and its graphlets.
//
// $prefix: STRING, what the keys of the source begin with
// returns removed: INTEGER, nodes taken out
// :param prefix => ''
// :auto
MATCH (n:Pipeline|Run|Context|Execution|Artifact|Load|SetAside|Graphlet)
WHERE n.key STARTS WITH $prefix
WITH n, CASE WHEN n:Graphlet THEN 0 ELSE 1 END AS one
CALL (n) {
  DETACH DELETE n
} IN TRANSACTIONS OF 500 ROWS
RETURN sum(one) AS removed
ORDER BY removed
