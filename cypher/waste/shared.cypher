// What several graphlets need: the cost of executions that more than one holds.
//
// What it says of stages is as in `waste/graphlets`, for the holder that needs it first.
//
// $source: STRING, only executions of this source, or null for all
// $pipeline: STRING, only executions of this pipeline, or null for all
// $settle_hours: FLOAT, how long after a training its evaluations begin
// returns cost: FLOAT, of the execution
// returns cost_unit: STRING, its unit
// returns stage: INTEGER, by which it is over: 1 data, 2 shape, 3 training, 4 validation, 5 later
// returns holders: LIST<STRING>, keys of the graphlets, sorted
// :param source => null
// :param pipeline => null
// :param settle_hours => 24.0
MATCH (e:Execution)
WHERE e.cost > 0
  AND COUNT { (e)<-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]-() } > 1
  AND ($source IS NULL OR e.source = $source)
  AND ($pipeline IS NULL OR e.pipeline = $pipeline)
CALL (e) {
  MATCH (e)<-[c:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]-(g)
  WITH g, CASE type(c)
         WHEN 'ANCHOR' THEN 3
         WHEN 'DESCENDANT' THEN
           CASE WHEN e:Deployment OR e:Inference OR e.started.epochMillis
                     > coalesce(g.started.epochMillis, 0) + $settle_hours * 3600000
                THEN 5 ELSE 4 END
         ELSE CASE WHEN e.ended > g.started THEN 3
                   WHEN e:Ingestion OR e:Analysis OR e:Validation THEN 1 ELSE 2 END
       END AS stage
  ORDER BY g.key
  RETURN min(stage) AS stage, collect(g.key) AS holders
}
RETURN e.cost AS cost, e.cost_unit AS cost_unit, stage, holders
ORDER BY holders[0], stage
