// How like the data of two graphlets is: the newest span of each, feature by feature.
//
// As `analyses/similarity_data` and `analyses/similarity_features` compare consecutive models.
// Known shares add up to the same whole, unknown ones to 0; features unknown in both say nothing.
//
// $a: STRING, key of the first graphlet
// $b: STRING, key of the second
// returns first: MAP, key and name of the first one's newest span, or null without spans
// returns second: MAP, likewise of the second
// returns is_same: BOOLEAN, whether they are one span, or have one digest; null where one has none
// returns features: LIST<MAP>, where they differ and the features of both are known: feature, kind,
//   where (both, a, b), divergence (Jensen-Shannon, bits) and agreeing (share of hashes) where both
//   know its distribution
// :param a => ''
// :param b => ''
CALL () {
  UNWIND [$a, $b] AS key
  MATCH (g:Graphlet {key: key})
  OPTIONAL MATCH (g)-[:SPAN]->(s)
  WITH key, max([coalesce(s.created.epochMillis, -1), coalesce(toIntegerOrNull(s.source_id), -1),
                 s.key, s])[3] AS span
  WITH key, span,
       CASE WHEN span.feature_names IS NOT NULL THEN span
            ELSE head(COLLECT { MATCH (span)-[:INPUT]->(:Analysis)-[:OUTPUT]->(made:Statistics)
                                WHERE made.feature_names IS NOT NULL
                                RETURN made ORDER BY made.created, made.key LIMIT 1 }) END AS data
  WITH collect({key: key, span: span, data: data}) AS sides
  RETURN head([one IN sides WHERE one.key = $a]) AS a, head([one IN sides WHERE one.key = $b]) AS b
}
WITH a.span AS first, b.span AS second, a.data AS data_a, b.data AS data_b
WITH *, first = second OR coalesce(first.digest = second.digest, false) AS is_same
CALL (data_a, data_b, is_same) {
  WITH *
  WHERE NOT is_same AND data_a IS NOT NULL AND data_b IS NOT NULL
  UNWIND [['a', data_a], ['b', data_b]] AS one
  WITH one[0] AS side, one[1].feature_names AS names, one[1].feature_kinds AS kinds,
       one[1].feature_weights AS weights, one[1].feature_hashes AS hashes
  WITH *, size(weights) / size(names) AS bins, size(hashes) / size(names) AS k
  UNWIND range(0, size(names) - 1) AS i
  WITH names[i] AS feature, kinds[i] AS kind,
       {side: side, weights: weights[i * bins..(i + 1) * bins],
        hashes: hashes[i * k..(i + 1) * k]} AS one
  WITH feature, kind, one, reduce(sum = 0, x IN one.weights | sum + x) AS whole
  WHERE whole > 0
  WITH feature, kind, collect(one) AS known
  WITH feature, kind, known, known[0].weights AS p, known[1].weights AS q,
       known[0].hashes AS mine, known[1].hashes AS theirs
  WITH feature, kind,
       {feature: feature, kind: kind,
        where: CASE WHEN size(known) = 2 THEN 'both' ELSE known[0].side END,
        divergence: CASE WHEN size(known) = 2 THEN
          reduce(nats = 0.0, i IN range(0, size(p) - 1) | nats
            + CASE p[i] WHEN 0 THEN 0.0 ELSE p[i] * log(2.0 * p[i] / (p[i] + q[i])) END
            + CASE q[i] WHEN 0 THEN 0.0 ELSE q[i] * log(2.0 * q[i] / (p[i] + q[i])) END
          ) / (2 * reduce(sum = 0, x IN p | sum + x) * log(2.0)) END,
        agreeing: CASE WHEN size(known) = 2 THEN
          toFloat(size([i IN range(0, size(mine) - 1) WHERE mine[i] = theirs[i]])) / size(mine)
          END} AS told
  ORDER BY coalesce(told.divergence, 2.0) DESC, feature, kind
  RETURN collect(told) AS features
}
RETURN first {.key, .name} AS first, second {.key, .name} AS second, is_same, features
ORDER BY is_same
