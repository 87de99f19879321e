// Digests that clash: artifacts of one digest and class that differ in size, on which matches rest.
//
// One of the two must be wrong. The matches stay, since a digest says more than a size; look into
// them before they are acted on.
//
// $source: STRING, only this source, or null for all
// $pipeline: STRING, only this pipeline, or null for all
// $since: STRING, only what started at this time (ISO 8601) or later, or null
// $until: STRING, only what started before this time, or null
// $limit: INTEGER, how many at most, or null for all
// returns digest: STRING, the digest that clashes
// returns kind: STRING, the artifacts' class
// returns sizes: LIST<INTEGER>, the artifacts' sizes, bytes, ascending
// returns artifacts: INTEGER, artifacts read or written by executions of these matches
// returns repeats: INTEGER, executions whose match rests on it
// returns example: STRING, key of one of the artifacts
// :param source => null
// :param pipeline => null
// :param since => null
// :param until => null
// :param limit => 20
MATCH (e)-[:REPEATS]->(o)
WHERE ($source IS NULL OR e.source = $source)
  AND ($pipeline IS NULL OR e.pipeline = $pipeline)
  AND ($since IS NULL OR e.started >= datetime($since))
  AND ($until IS NULL OR e.started < datetime($until))
CALL (e, o) {
  MATCH (e)<-[:INPUT|REFERENCE]-(a WHERE a.content < 0 AND a.size IS NOT NULL)
  RETURN a
  UNION
  MATCH (o)<-[:INPUT|REFERENCE]-(a WHERE a.content < 0 AND a.size IS NOT NULL)
  RETURN a
  UNION
  MATCH (e)-[:OUTPUT]->(a WHERE a.content < 0 AND a.size IS NOT NULL)
  RETURN a
  UNION
  MATCH (o)-[:OUTPUT]->(a WHERE a.content < 0 AND a.size IS NOT NULL)
  RETURN a
}
WITH a.digest AS digest, a.artifact AS kind, a.size AS size, count(DISTINCT a) AS artifacts,
     collect(DISTINCT e) AS executions, min(a.key) AS example
ORDER BY size
WITH digest, kind, collect(size) AS sizes, sum(artifacts) AS artifacts,
     collect(executions) AS lists, min(example) AS example
WHERE size(sizes) > 1
UNWIND lists AS executions
UNWIND executions AS e
RETURN digest, kind, sizes, artifacts, count(DISTINCT e) AS repeats, example
ORDER BY repeats DESC, digest, kind
LIMIT coalesce($limit, 9223372036854775807)
