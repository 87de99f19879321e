// What executions are made from, as a graph of computations: equivalent ones are one.
//
// Each walk visits a node once, up to where nothing was made by an execution any more, or by a
// training: models are taken to be at hand.
//
// $keys: LIST<STRING>, keys of executions
// returns computation: STRING, key of the original of a class, or of the execution itself
// returns cost: FLOAT, of the original, or null
// returns cost_unit: STRING, its unit
// returns ended: INTEGER, when the original ended, ms since 1970, or null
// returns own: BOOLEAN, whether this row is that of the original
// returns outputs: LIST<MAP>, size, type and class of what the original wrote
// returns parents: LIST<STRING>, computations that made what the execution read
// :param keys => []
UNWIND $keys AS wanted
MATCH (t:Execution {key: wanted})
CALL (t) {
  MATCH (t) (()<-[:INPUT|OUTPUT]-(x WHERE NOT x:Training))* (e)
  RETURN DISTINCT e
}
WITH DISTINCT e
WHERE e:Execution
OPTIONAL MATCH (e)-[:REPEATS|CONCURRENT]->(o)
WITH e, coalesce(o, e) AS original
RETURN original.key AS computation, original.cost AS cost, original.cost_unit AS cost_unit,
       original.ended.epochMillis AS ended, e = original AS own,
       COLLECT { MATCH (original)-[:OUTPUT]->(a)
                 RETURN {size: a.size, type: a.type, class: a.artifact} ORDER BY a.key } AS outputs,
       COLLECT {
         MATCH (e)<-[:INPUT]-()<-[:OUTPUT]-(p WHERE NOT p:Training)
         OPTIONAL MATCH (p)-[:REPEATS|CONCURRENT]->(first)
         WITH DISTINCT coalesce(first, p).key AS parent
         RETURN parent ORDER BY parent
       } AS parents
ORDER BY computation, own DESC, e.key
