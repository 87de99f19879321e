// Take the marks off what changed in sources of which every graphlet is to be cut anyway.
//
// $sources: LIST<STRING>, their names
// returns unmarked: INTEGER, how many
// :param sources => []
// :auto
MATCH (n:Unsegmented)
WHERE n.source IN $sources
CALL (n) {
  REMOVE n:Unsegmented
} IN 2 CONCURRENT TRANSACTIONS OF 20000 ROWS
RETURN count(*) AS unmarked
ORDER BY unmarked
