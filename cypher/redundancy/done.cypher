// Note that the executions of sources are compared: from now on only what changes is looked at.
//
// $sources: LIST<STRING>, their names
// returns sources: INTEGER, how many
// :param sources => []
MATCH (s:Source)
WHERE s.key IN $sources
SET s.closed = true
RETURN count(*) AS sources
ORDER BY sources
