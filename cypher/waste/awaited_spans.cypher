// The data of the model that a run will train, as `waste/spans` says it of one that began.
//
// Its window is taken to be as wide as that of the last model of its pipeline: what the run has
// ingested or read, and before that the newest spans of the last model.
//
// $run: STRING, the run's key
// $last: STRING, the graphlet of its pipeline that began last
// returns key: STRING, the run's
// returns spans: LIST<STRING>, their keys, the newest last
// returns made: INTEGER, when the newest was, ms since 1970, or null
// returns names: LIST<STRING>, of its features, or null
// returns weights: LIST<INTEGER>, of its features one after the other, 16 thousandths each, or null
// returns told: INTEGER, when an analysis had found them, or null for its own or at no known time
// :param run => ''
// :param last => ''
MATCH (r:Run {key: $run})
MATCH (g:Graphlet {key: $last})
WITH r, g, COUNT { (g)-[:SPAN]->() } AS window,
     COLLECT {
       MATCH (r)<-[:IN_RUN]-(:Execution)-[:INPUT|OUTPUT]-(s:Span)
       RETURN DISTINCT s
     } AS own
WITH r, own, CASE WHEN size(own) > window THEN size(own) ELSE window END AS window,
     own + COLLECT { MATCH (g)-[:SPAN]->(s) WHERE NOT s IN own RETURN s } AS candidates
UNWIND candidates AS s
WITH r, own, window, s
ORDER BY s IN own, coalesce(s.created.epochMillis, -1),
         coalesce(toIntegerOrNull(s.source_id), -1), s.key
WITH r, window, collect(s) AS sorted
WITH r, sorted[-window..] AS spans
WITH r, spans, last(spans) AS newest
WITH r, spans, newest,
     CASE WHEN newest.feature_names IS NOT NULL THEN newest
          ELSE head(COLLECT { MATCH (newest)-[:INPUT]->(:Analysis)-[:OUTPUT]->(made:Statistics)
                              WHERE made.feature_names IS NOT NULL
                              RETURN made ORDER BY made.created, made.key LIMIT 1 }) END AS data
RETURN r.key AS key, [s IN spans | s.key] AS spans, newest.created.epochMillis AS made,
       data.feature_names AS names, data.feature_weights AS weights,
       CASE WHEN data <> newest
            THEN head(COLLECT { MATCH (data)<-[:OUTPUT]-(e:Analysis)
                                RETURN coalesce(e.ended, data.created).epochMillis AS at
                                ORDER BY at LIMIT 1 }) END AS told
ORDER BY key
