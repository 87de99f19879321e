// The names of the pipelines that there are.
//
// $source: STRING, only pipelines of this source, or null for all
// returns name: STRING, a name, once
// :param source => null
MATCH (p:Pipeline)
WHERE p.name IS NOT NULL AND ($source IS NULL OR p.source = $source)
RETURN DISTINCT p.name AS name
ORDER BY name
