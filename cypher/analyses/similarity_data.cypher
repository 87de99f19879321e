// How like the data of consecutive models of one trainer node are: the distributions of features.
//
// Of each model the newest of its spans is compared, as it holds what is new in its data; the same
// span, and spans of one digest, have similarity 1. Else it is the mean over the features of both:
// the share of S2JSD-LSH hashes that agree, 0 for a feature that only one of them has by that name
// and kind or whose distribution is known in one alone. Features unknown in both say nothing. They
// are the span's own, or those of the first statistics that an analysis made from it.
//
// The first row is over all pairs, with source and pipeline null. Filters choose pairs by the later
// model.
//
// $source: STRING, only this source, or null for all
// $pipeline: STRING, only this pipeline, or null for all
// $since: STRING, only what started at this time (ISO 8601) or later, or null
// $until: STRING, only what started before this time, or null
// returns source: STRING, where the pipeline came from; null for all
// returns pipeline: STRING, the pipeline; null for all
// returns pairs: INTEGER, pairs of consecutive models of one trainer node
// returns known: INTEGER, pairs whose similarity is known; the figures below are of these
// returns same: INTEGER, pairs of similarity 1
// returns mean: FLOAT, mean similarity, 0 to 1
// returns least: FLOAT, its minimum
// returns lower: FLOAT, its lower quartile
// returns median: FLOAT, its median
// returns upper: FLOAT, its upper quartile
// returns most: FLOAT, its maximum
// :param source => null
// :param pipeline => null
// :param since => null
// :param until => null
CALL () {
  MATCH ()-[:NEXT]->(g:Graphlet)
  WHERE ($source IS NULL OR g.source = $source)
    AND ($pipeline IS NULL OR g.pipeline = $pipeline)
    AND ($since IS NULL OR g.started >= datetime($since))
    AND ($until IS NULL OR g.started < datetime($until))
  RETURN g.source AS source, g.pipeline AS pipeline, 1 AS pair, null AS similarity
  UNION ALL
  MATCH (s:Span)
  WITH s, [coalesce(s.created.epochMillis, -1), coalesce(toIntegerOrNull(s.source_id), -1),
           s.key, s] AS dated
  MATCH (s)<-[:SPAN]-(g:Graphlet)
  WHERE ($source IS NULL OR g.source = $source)
    AND ($pipeline IS NULL OR g.pipeline = $pipeline)
  WITH g, max(dated) AS newest
  WITH g, newest[3] AS span
  MATCH (g)-[next:NEXT]-(:Graphlet)
  WITH next, collect(span) AS spans
  WHERE size(spans) = 2
    AND ($since IS NULL OR endNode(next).started >= datetime($since))
    AND ($until IS NULL OR endNode(next).started < datetime($until))
  WITH startNode(next) AS g, spans[0] AS a, spans[1] AS b,
       spans[0] = spans[1] OR coalesce(spans[0].digest = spans[1].digest, false) AS is_same
  WITH g.source AS source, g.pipeline AS pipeline, is_same,
       CASE WHEN is_same THEN null WHEN a.feature_names IS NOT NULL THEN a
            ELSE head(COLLECT { MATCH (a)-[:INPUT]->(:Analysis)-[:OUTPUT]->(made:Statistics)
                                WHERE made.feature_names IS NOT NULL
                                RETURN made ORDER BY made.created, made.key LIMIT 1 }) END AS a,
       CASE WHEN is_same THEN null WHEN b.feature_names IS NOT NULL THEN b
            ELSE head(COLLECT { MATCH (b)-[:INPUT]->(:Analysis)-[:OUTPUT]->(made:Statistics)
                                WHERE made.feature_names IS NOT NULL
                                RETURN made ORDER BY made.created, made.key LIMIT 1 }) END AS b
  WITH source, pipeline, is_same,
       a.feature_names AS names_a, a.feature_kinds AS kinds_a, a.feature_hashes AS hashes_a,
       b.feature_names AS names_b, b.feature_kinds AS kinds_b, b.feature_hashes AS hashes_b
  OPTIONAL CALL (is_same, names_a, kinds_a, hashes_a, names_b, kinds_b, hashes_b) {
    WITH * WHERE is_same
    RETURN 1.0 AS similarity
    UNION ALL
    WITH * WHERE NOT is_same AND names_a = names_b AND kinds_a = kinds_b
    WITH size([i IN range(0, size(hashes_a) - 1) WHERE hashes_a[i] = hashes_b[i]]) AS alike,
         // Looked for only where there are any: most pairs have none.
         CASE WHEN 0 IN hashes_a AND 0 IN hashes_b
              THEN size([i IN range(0, size(hashes_a) - 1)
                         WHERE hashes_a[i] = 0 AND hashes_b[i] = 0])
              ELSE 0 END AS unknown,
         size(hashes_a) AS all
    WHERE all > unknown
    RETURN toFloat(alike - unknown) / (all - unknown) AS similarity
    UNION ALL
    WITH * WHERE NOT is_same AND (names_a <> names_b OR kinds_a <> kinds_b)
    CALL (names_a, kinds_a, hashes_a, names_b, kinds_b, hashes_b) {
      WITH *, size(hashes_a) / size(names_a) AS k
      UNWIND range(0, size(names_a) - 1) AS i
      RETURN names_a[i] AS name, kinds_a[i] AS kind,
             [j IN range(i * k, (i + 1) * k - 1) | hashes_a[j]] AS mine, null AS theirs
      UNION ALL
      WITH *, size(hashes_b) / size(names_b) AS k
      UNWIND range(0, size(names_b) - 1) AS i
      RETURN names_b[i] AS name, kinds_b[i] AS kind, null AS mine,
             [j IN range(i * k, (i + 1) * k - 1) | hashes_b[j]] AS theirs
    }
    WITH name, kind, head(collect(mine)) AS mine, head(collect(theirs)) AS theirs
    WHERE mine IS NULL OR theirs IS NULL OR mine[0] > 0 OR theirs[0] > 0
    WITH avg(toFloat(size([i IN range(0, coalesce(size(mine), 0) - 1)
                           WHERE mine[i] = theirs[i] AND mine[i] > 0]))
             / size(coalesce(mine, theirs))) AS similarity
    WHERE similarity IS NOT NULL
    RETURN similarity
  }
  RETURN source, pipeline, 0 AS pair, similarity
}
UNWIND [true, false] AS together
WITH together, CASE WHEN NOT together THEN source END AS source,
     CASE WHEN NOT together THEN pipeline END AS pipeline,
     sum(pair) AS pairs, count(similarity) AS known,
     sum(CASE WHEN similarity = 1 THEN 1 ELSE 0 END) AS same,
     avg(similarity) AS mean, min(similarity) AS least, percentileCont(similarity, 0.25) AS lower,
     percentileCont(similarity, 0.5) AS median, percentileCont(similarity, 0.75) AS upper,
     max(similarity) AS most
WHERE known > 0
RETURN source, pipeline, pairs, known, same, mean, least, lower, median, upper, most
ORDER BY together DESC, pairs DESC, source, pipeline
