// Take out the record of a source, once all that came from it is gone.
//
// $source: STRING, the source's name
// returns removed: INTEGER, 1
// :param source => ''
MATCH (s:Source {key: $source})
DETACH DELETE s
RETURN count(*) AS removed
ORDER BY removed
