// The pipelines of one name; several sources may have one.
//
// $name: STRING, the name
// $source: STRING, only the pipeline of this source, or null for all
// $limit: INTEGER, how many at most
// returns key: STRING, its key
// returns source: STRING, where it came from
// :param name => 'taxi-fares'
// :param source => null
// :param limit => 5
MATCH (p:Pipeline)
WHERE p.name = $name AND ($source IS NULL OR p.source = $source)
RETURN p.key AS key, p.source AS source
ORDER BY source, key
LIMIT $limit
