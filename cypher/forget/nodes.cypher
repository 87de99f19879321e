// Take out everything that came from one source, and its graphlets.
//
// Executions of other sources that were equivalent to one of its own are to be compared anew.
//
// $prefix: STRING, what the keys of the source begin with
// returns removed: INTEGER, nodes taken out
// :param prefix => ''
// :auto
MATCH (n:Pipeline|Run|Context|Execution|Artifact|Load|SetAside|Graphlet|Event|Alias)
WHERE n.key STARTS WITH $prefix
WITH n, CASE WHEN n:Graphlet|Event|Alias THEN 0 ELSE 1 END AS one
CALL (n) {
  CALL (n) {
    MATCH (n)-[:REPEATS|CONCURRENT]-(mate)
    SET mate:Undone
  }
  CALL (n) {
    WITH n WHERE n:Execution AND n.unstable
    MATCH (mate:Execution {signature: n.signature})
    SET mate:Undone
  }
  CALL (n) {
    WITH n WHERE n:Execution
    MATCH (n)--(a:Artifact WHERE a.dataset IS NOT NULL)
    SET a:Prunable
    FOREACH (_ IN CASE WHEN a.written >= 0 THEN [1] ELSE [] END | SET a.written = null)
    WITH a
    MATCH (a)-[:INPUT|OUTPUT]-(other:Execution)
    WHERE other <> n
    SET other:Unbound
  }
  DETACH DELETE n
} IN TRANSACTIONS OF 500 ROWS
RETURN sum(one) AS removed
ORDER BY removed
