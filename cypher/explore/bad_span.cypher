// Which models would be affected, had the latest span that any model was trained on been bad?
//
// Draws one shortest way from the span to every model below it, warm starts included. Where the
// model was pushed, the damage is in production.
//
// returns way: PATH, from the span to a model
// returns model: STRING, the model's name
// returns trainings: INTEGER, training executions on the way: 1 is trained on it, more inherited it
// returns pushed: BOOLEAN, whether the model was deployed
MATCH (span:Span)<-[:SPAN]-(:Graphlet)
WHERE span.created IS NOT NULL
WITH DISTINCT span ORDER BY span.created DESC, span.key LIMIT 1
MATCH way = ANY SHORTEST (span) (()-[:INPUT|OUTPUT]->(x))+ (made:Model)
RETURN way, made.name AS model,
       size([node IN nodes(way) WHERE node:Training]) AS trainings,
       EXISTS { (made)<-[:OUTPUT]-(:Training)<-[:ANCHOR]-(g:Graphlet WHERE g.pushed) } AS pushed
ORDER BY trainings, model, made.key
LIMIT 100
