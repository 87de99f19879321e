// Where does the latest model come from, back to the spans that it was trained on?
//
// Draws one shortest way to each span. Other training runs are not entered: see `warm_starts`.
//
// returns model: NODE, the model
// returns way: PATH, from the training execution that made it back to a span
MATCH (g:Graphlet)-[:ANCHOR]->(t:Training)-[:OUTPUT]->(model:Model)
WHERE g.started IS NOT NULL
WITH g, t, model ORDER BY g.started DESC, g.key, model.key LIMIT 1
MATCH (g)-[:SPAN]->(span:Span)
MATCH way = ANY SHORTEST
  (t) (()<-[:INPUT|OUTPUT]-(x WHERE NOT x:Training AND NOT x:Inference))+ (span)
RETURN model, way
ORDER BY span.created DESC, span.key
LIMIT 50
