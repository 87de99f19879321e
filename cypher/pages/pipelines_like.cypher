// Pipelines with a text in their names, for a search.
//
// $wanted: STRING, part of a name
// $limit: INTEGER, how many at most
// returns key: STRING, its key
// returns name: STRING, its name
// :param wanted => 'demo'
// :param limit => 50
MATCH (p:Pipeline)
WHERE p.name CONTAINS $wanted
WITH p LIMIT $limit
RETURN p.key AS key, p.name AS name
ORDER BY name, key
