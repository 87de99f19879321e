// The data of each model: its spans, and the distributions of the newest one's features.
//
// The newest span is the last to be made, as `analyses/similarity_data` has it. Its features are its
// own, or those of the first statistics that an analysis made from it; they are left out where the
// graphlet before in the line had the span, too.
//
// $source: STRING, only this source, or null for all
// $pipeline: STRING, only this pipeline, or null for all
// $keys: LIST<STRING>, only these graphlets, whatever their source, or null for all
// returns key: STRING, the graphlet's key
// returns spans: LIST<STRING>, their keys, the newest last
// returns made: INTEGER, when the newest was, ms since 1970, or null
// returns names: LIST<STRING>, of its features, or null
// returns weights: LIST<INTEGER>, of its features one after the other, 16 thousandths each, or null
// returns told: INTEGER, when an analysis had found them, or null for its own or at no known time
// :param source => null
// :param pipeline => null
// :param keys => null
CALL () {
  UNWIND CASE WHEN $keys IS NULL THEN [0] ELSE [] END AS every
  MATCH (g:Graphlet)
  WHERE ($source IS NULL OR g.source = $source) AND ($pipeline IS NULL OR g.pipeline = $pipeline)
  RETURN g
  UNION ALL
  UNWIND coalesce($keys, []) AS key
  MATCH (g:Graphlet {key: key})
  RETURN g
}
WITH g ORDER BY g.key
WITH g, COLLECT {
  MATCH (g)-[:SPAN]->(s)
  RETURN s ORDER BY coalesce(s.created.epochMillis, -1),
                    coalesce(toIntegerOrNull(s.source_id), -1), s.key
} AS spans
WITH g, spans, last(spans) AS newest
WHERE newest IS NOT NULL
WITH g, spans, newest,
     CASE WHEN EXISTS { (g)<-[:NEXT]-()-[:SPAN]->(newest) } THEN null
          WHEN newest.feature_names IS NOT NULL THEN newest
          ELSE head(COLLECT { MATCH (newest)-[:INPUT]->(:Analysis)-[:OUTPUT]->(made:Statistics)
                              WHERE made.feature_names IS NOT NULL
                              RETURN made ORDER BY made.created, made.key LIMIT 1 }) END AS data
RETURN g.key AS key, [s IN spans | s.key] AS spans, newest.created.epochMillis AS made,
       data.feature_names AS names, data.feature_weights AS weights,
       CASE WHEN data <> newest
            THEN head(COLLECT { MATCH (data)<-[:OUTPUT]-(e:Analysis)
                                RETURN coalesce(e.ended, data.created).epochMillis AS at
                                ORDER BY at LIMIT 1 }) END AS told
ORDER BY key
