// Note that sources are segmented: from now on only what changes in them is looked at.
//
// $sources: LIST<STRING>, their names
// returns sources: INTEGER, how many
// :param sources => []
MATCH (s:Source)
WHERE s.key IN $sources
SET s.segmented = true
RETURN count(*) AS sources
ORDER BY sources
