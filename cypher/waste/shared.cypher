// What several graphlets need: the cost of executions that more than one holds.
//
// What it says of stages is as in `waste/graphlets`, for the holder that needs it first. Of what was
// over before a run began, a holder in a later run would have had to do it anew; what was over
// before all of them began, stopping them does not save.
//
// $source: STRING, only executions of this source, or null for all
// $pipeline: STRING, only executions of this pipeline, or null for all
// $settle_hours: FLOAT, how long after a training its evaluations begin
// returns cost: FLOAT, of the execution
// returns cost_unit: STRING, its unit
// returns stage: INTEGER, by which it is over: 0 before, 1 data, 2 shape, 3 training, 4 validation, 5 later
// returns holders: LIST<STRING>, keys of the graphlets, sorted
// :param source => null
// :param pipeline => null
// :param settle_hours => 24.0
MATCH (e:Execution)
WHERE e.cost > 0
  AND COUNT { (e)<-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]-() } > 1
  AND ($source IS NULL OR e.source = $source)
  AND ($pipeline IS NULL OR e.pipeline = $pipeline)
WITH e, e.started.epochMillis AS began_at, e.ended.epochMillis AS ended
CALL (e, began_at, ended) {
  MATCH (e)<-[c:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]-(g)-[:ANCHOR]->(t)
  WITH g, t, type(c) AS role, t.started.epochMillis AS started, t.ended.epochMillis AS trained,
       reduce(least = t.started.epochMillis, at IN COLLECT {
         MATCH (t)-[:IN_RUN]->(r)
         RETURN coalesce(r.started, r.created).epochMillis
       } | CASE WHEN at < least THEN at ELSE least END) AS began
  WITH *, coalesce(trained, started) + $settle_hours * 3600000 AS settled
  WITH *, CASE
         WHEN role = 'ANCHOR' THEN 3
         WHEN role = 'DESCENDANT' THEN
           CASE WHEN e:Deployment OR e:Inference OR NOT coalesce(began_at <= settled, false)
                THEN 5 ELSE 4 END
         WHEN ended <= began THEN 0
         WHEN ended IS NULL OR ended <= started THEN
           CASE WHEN e:Ingestion OR e:Analysis OR e:Validation THEN 1 ELSE 2 END
         WHEN coalesce(ended <= trained, true) THEN 3
         WHEN began_at > settled THEN 5
         ELSE 4
       END AS stage
  WITH g, CASE
         WHEN stage = 2 AND EXISTS {
           MATCH (g)-[:ANCESTOR|ANALYSIS]->(x:Ingestion|Analysis|Validation)
           WHERE ended <= x.ended.epochMillis <= started
         } THEN 1
         WHEN stage = 5 AND EXISTS {
           MATCH (g)-[:DESCENDANT]->(x:Execution)
           WHERE NOT x:Deployment AND NOT x:Inference
             AND x.started.epochMillis <= settled AND ended <= x.ended.epochMillis
         } THEN 4
         ELSE stage
       END AS stage
  ORDER BY g.key
  RETURN coalesce(min(CASE WHEN stage > 0 THEN stage END), 0) AS stage, collect(g.key) AS holders
}
RETURN e.cost AS cost, e.cost_unit AS cost_unit, stage, holders
ORDER BY holders[0], stage
