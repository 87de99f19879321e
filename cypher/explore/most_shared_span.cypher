// Who uses the span that most graphlets were trained on?
//
// Draws the span and the graphlets around it.
//
// returns use: PATH, from a graphlet to the span
// returns pipeline: STRING, the graphlet's pipeline
// returns pushed: BOOLEAN, whether its model was deployed
MATCH (span:Span)
WITH span, COUNT { (span)<-[:SPAN]-(:Graphlet) } AS graphlets
ORDER BY graphlets DESC, span.key LIMIT 1
MATCH use = (g:Graphlet)-[:SPAN]->(span)
RETURN use, g.pipeline AS pipeline, g.pushed AS pushed
ORDER BY pipeline, g.started, g.key
LIMIT 100
