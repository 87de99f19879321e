// Take away what was found equivalent in some sources, and the marks of what was still to be found.
//
// $sources: LIST<STRING>, their names
// returns reset: INTEGER, executions and artifacts
// :param sources => []
// :auto
CALL () {
  MATCH (n:Execution)
  WHERE n.source IN $sources AND n.signature IS NOT NULL
  RETURN n
  UNION ALL
  MATCH (n:Artifact)
  WHERE n.source IN $sources AND n.same IS NOT NULL
  RETURN n
  UNION ALL
  MATCH (n:Undone|Unsigned|Ungrouped)
  WHERE n.source IN $sources
  RETURN n
}
CALL (n) {
  REMOVE n:Undone:Unsigned:Ungrouped, n.signature, n.unstable, n.same, n.assumed
  WITH n
  OPTIONAL MATCH (n)-[old:REPEATS|CONCURRENT]-(mate)
  DELETE old
  WITH mate WHERE mate IS NOT NULL AND NOT mate.source IN $sources
  SET mate:Undone
} IN TRANSACTIONS OF 5000 ROWS
RETURN count(*) AS reset
ORDER BY reset
