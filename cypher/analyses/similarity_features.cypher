// Which features of one pipeline's data change: the exact distance of consecutive distributions.
//
// As `analyses/similarity_data` the newest spans of consecutive models are compared, those that
// are the same left out; here each feature by the Jensen-Shannon divergence of its shares of
// values, in bits: 0 when they are the same, 1 when no bin has values of both. Known shares add up
// to the same whole, unknown ones to 0.
//
// $pipeline: STRING, the pipeline; null gives no rows
// $source: STRING, only this source, or null for all
// $since: STRING, only what started at this time (ISO 8601) or later, or null
// $until: STRING, only what started before this time, or null
// returns source: STRING, where the pipeline is from
// returns feature: STRING, the feature's name
// returns kind: STRING, `numeric` or `categorical`
// returns pairs: INTEGER, pairs of consecutive spans in which its distribution is known in both
// returns in_one: INTEGER, pairs of which only one has it, or knows its distribution
// returns mean: FLOAT, mean divergence, 0 to 1 bit; null without such pairs
// returns most: FLOAT, largest divergence
// returns at: DATETIME, start of the later model of the pair of the maximum, the last such pair's
// returns agreeing: FLOAT, mean share of the hashes that agree, 0 to 1
// :param pipeline => null
// :param source => null
// :param since => null
// :param until => null
MATCH (g:Graphlet)-[:SPAN]->(s)
WHERE g.pipeline = $pipeline AND ($source IS NULL OR g.source = $source)
WITH g, max([coalesce(s.created.epochMillis, -1), coalesce(toIntegerOrNull(s.source_id), -1),
             s.key, s]) AS newest
WITH g, newest[3] AS span
MATCH (g)-[next:NEXT]-(:Graphlet)
WITH next, collect(span) AS spans
WHERE size(spans) = 2 AND spans[0] <> spans[1]
  AND NOT coalesce(spans[0].digest = spans[1].digest, false)
  AND ($since IS NULL OR endNode(next).started >= datetime($since))
  AND ($until IS NULL OR endNode(next).started < datetime($until))
UNWIND spans AS span
WITH next,
     CASE WHEN span.feature_names IS NOT NULL THEN span
          ELSE head(COLLECT { MATCH (span)-[:INPUT]->(:Analysis)-[:OUTPUT]->(made:Statistics)
                              WHERE made.feature_names IS NOT NULL
                              RETURN made ORDER BY made.created, made.key LIMIT 1 }) END AS data
WITH next, collect(data) AS both
WHERE size(both) = 2
WITH endNode(next) AS later, both
CALL (both) {
  UNWIND both AS data
  WITH data.feature_names AS names, data.feature_kinds AS kinds,
       data.feature_weights AS weights, data.feature_hashes AS hashes
  WITH *, size(weights) / size(names) AS bins, size(hashes) / size(names) AS k
  UNWIND range(0, size(names) - 1) AS i
  WITH names[i] AS feature, kinds[i] AS kind,
       collect([j IN range(i * bins, (i + 1) * bins - 1) | weights[j]]) AS weights,
       collect([j IN range(i * k, (i + 1) * k - 1) | hashes[j]]) AS hashes
  WITH feature, kind, hashes[0] AS mine, hashes[1] AS theirs,
       weights[0] AS p, coalesce(weights[1], []) AS q
  WITH *, reduce(sum = 0, x IN p | sum + x) AS whole, reduce(sum = 0, x IN q | sum + x) AS other
  WHERE whole + other > 0
  WITH *, whole = other AS is_known
  RETURN feature, kind,
         CASE WHEN is_known
           THEN reduce(nats = 0.0, i IN range(0, size(p) - 1) | nats
                  + CASE p[i] WHEN 0 THEN 0.0 ELSE p[i] * log(2.0 * p[i] / (p[i] + q[i])) END
                  + CASE q[i] WHEN 0 THEN 0.0 ELSE q[i] * log(2.0 * q[i] / (p[i] + q[i])) END
                ) / (2 * whole * log(2.0)) END AS divergence,
         CASE WHEN is_known
           THEN toFloat(size([i IN range(0, size(mine) - 1) WHERE mine[i] = theirs[i]]))
                / size(mine) END AS agreeing
}
WITH later.source AS source, feature, kind, count(divergence) AS pairs,
     count(*) - count(divergence) AS in_one, avg(divergence) AS mean,
     max(CASE WHEN divergence IS NOT NULL THEN [divergence, later.started] END) AS most,
     avg(agreeing) AS agreeing
RETURN source, feature, kind, pairs, in_one, mean, most[0] AS most, most[1] AS at, agreeing
ORDER BY coalesce(mean, 2.0) DESC, feature, kind, source
