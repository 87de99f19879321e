// The last models of the pipeline that trained the most, in order.
//
// Draws the line of graphlets; a link says how much of the data stayed the same.
//
// returns step: PATH, from a graphlet to the next
// returns jaccard: FLOAT, spans of both over spans of either
// returns pushed: BOOLEAN, whether the later model was deployed
MATCH (any:Graphlet)
WITH any.source AS source, any.pipeline AS pipeline, count(*) AS graphlets
WHERE pipeline IS NOT NULL
ORDER BY graphlets DESC, source, pipeline LIMIT 1
MATCH step = (before:Graphlet {pipeline: pipeline, source: source})-[next:NEXT]->(after:Graphlet)
RETURN step, next.jaccard AS jaccard, after.pushed AS pushed
ORDER BY after.started DESC, after.key
LIMIT 30
