// Graphlets that something runs in and that are not pushed yet, the costliest so far first.
//
// $source: STRING, only this source, or null for all
// $pipeline: STRING, only this pipeline, or null for all
// $limit: INTEGER, how many at most, or null for all
// returns key: STRING, the graphlet's key
// returns cost: FLOAT, so far
// :param source => null
// :param pipeline => null
// :param limit => 100
MATCH (e:Running)<-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]-(g:Graphlet)
WHERE g.state = 'open' AND NOT g.pushed
  AND ($source IS NULL OR g.source = $source)
  AND ($pipeline IS NULL OR g.pipeline = $pipeline)
WITH DISTINCT g
RETURN g.key AS key, coalesce(g.cost, 0.0) AS cost
ORDER BY cost DESC, key
LIMIT coalesce($limit, 9223372036854775807)
