// Every computation that was repeated, as `lineage export redundancy` prints them.
//
// $source: STRING, only originals of this source, or null for all
// returns original: MAP, source and source_id of the first to end
// returns repeats: LIST<MAP>, source and source_id of those that did it again, sorted
// returns concurrent: LIST<MAP>, of those that did it at the same time, sorted
// returns type: STRING, native type
// returns assumed: BOOLEAN, whether that rests on code of unknown version
// returns cost_saved: FLOAT, what the repeats cost, in the original's unit
// returns cost_unit: STRING, that unit
// :param source => null
MATCH (e)-[:REPEATS|CONCURRENT]->(o)
WHERE $source IS NULL OR o.source = $source
WITH DISTINCT o ORDER BY o.key
RETURN {source: o.source, source_id: o.source_id} AS original,
       COLLECT {
         MATCH (o)<-[:REPEATS]-(e)
         RETURN {source: e.source, source_id: e.source_id} ORDER BY e.key
       } AS repeats,
       COLLECT {
         MATCH (o)<-[:CONCURRENT]-(e)
         RETURN {source: e.source, source_id: e.source_id} ORDER BY e.key
       } AS concurrent,
       o.type AS type, EXISTS { (o)<-[link:REPEATS|CONCURRENT]-() WHERE link.assumed } AS assumed,
       reduce(sum = 0.0, cost IN COLLECT {
         MATCH (o)<-[:REPEATS]-(e)
         WHERE e.cost_unit = o.cost_unit AND e.cost IS NOT NULL
         RETURN e.cost ORDER BY e.key
       } | sum + cost) AS cost_saved,
       o.cost_unit AS cost_unit
ORDER BY o.key
