// Take out everything that came from one source, and the graphlets that held any of it.
//
// Graphlets of other sources that are removed come back, without it, with the next segmentation.
//
// $prefix: STRING, what the keys of the source begin with
// returns removed: INTEGER, nodes taken out
// :param prefix => ''
// :auto
MATCH (n:Pipeline|Run|Context|Execution|Artifact|Load|SetAside)
WHERE n.key STARTS WITH $prefix
CALL (n) {
  OPTIONAL MATCH (n)<-[:CONTAINS]-(g:Graphlet)
  DETACH DELETE g
  DETACH DELETE n
} IN TRANSACTIONS OF 500 ROWS
RETURN count(*) AS removed
ORDER BY removed
