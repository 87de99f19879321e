// Models that were trained on exactly the same spans.
//
// returns models: INTEGER, graphlets with these spans
// returns pipelines: LIST<STRING>, their pipelines
// returns pushed: INTEGER, how many of them were pushed
// returns spans: LIST<STRING>, names of the spans, ten at most
// returns span_count: INTEGER, how many spans
// returns graphlets: LIST<STRING>, names of the graphlets, ten at most
MATCH (span:Span)<-[:SPAN]-(g:Graphlet)
WITH g, span ORDER BY span.key
WITH g, collect(span) AS spans
WITH g, spans ORDER BY g.key
WITH spans, collect(g) AS found
WHERE size(found) > 1
RETURN size(found) AS models,
       COLLECT { UNWIND found AS f RETURN DISTINCT f.pipeline AS name ORDER BY name } AS pipelines,
       size([f IN found WHERE f.pushed]) AS pushed, [s IN spans[..10] | s.name] AS spans,
       size(spans) AS span_count, [f IN found[..10] | f.name] AS graphlets
ORDER BY models DESC, head(found).key
LIMIT 50
