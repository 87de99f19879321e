// The longest chain of models that were each trained from the one before (warm starts).
//
// Looks below the five trainers that start the most trainers and started from no model themselves;
// between two models the shortest chain counts. Draws the chain.
//
// returns chain: PATH, trainers and models in turn
// returns trainings: INTEGER, training executions in it
MATCH (first:Training)
WHERE NOT EXISTS { (first)<-[:INPUT]-(:Model)<-[:OUTPUT]-(:Training) }
  AND EXISTS { (first)-[:OUTPUT]->(:Model)-[:INPUT]->(:Training) }
CALL (first) {
  MATCH (first) (()-[:INPUT|OUTPUT]->(x WHERE x:Model OR x:Training))+ (below)
  RETURN count(DISTINCT below) AS reach
}
WITH first, reach ORDER BY reach DESC, first.key LIMIT 5
MATCH chain = ANY SHORTEST
  (first) ((:Training)-[:OUTPUT]->(:Model)-[:INPUT]->(:Training))+ (last:Training)
RETURN chain, length(chain) / 2 + 1 AS trainings
ORDER BY trainings DESC, first.key, last.key
LIMIT 1
