// What each graphlet was like, stage by stage: one row for each, for predicting pushes.
//
// An execution belongs to the stage by which it is over. What the trainer's inputs were made by
// counts as data (1: ingestion, analysis, validation) or shape (2: all else) if it was over when the
// trainer began, else as what it was over before: training (3) or validation (4). Of what was done
// with the model, evaluations and the like that began within `settle_hours` of the trainer's end
// count as validation (4); deployment, use, and what came later do not (5). The cost of what was
// done beside an earlier stage and over by its end counts for that one. So no stage knows of
// anything that happened after it, and a graphlet that is pushed has no more stages than one that
// is not. Stage 0 is the begin of the trainer's run, where known, else of the trainer.
//
// $source: STRING, only this source, or null for all
// $pipeline: STRING, only this pipeline, or null for all
// $keys: LIST<STRING>, only these graphlets, whatever their source, or null for all
// $settle_hours: FLOAT, how long after a training its evaluations begin
// returns key: STRING, the graphlet's key
// returns source: STRING, the trainer's source
// returns pipeline: STRING, the pipeline it counts for, or null
// returns node: STRING, the trainer's node
// returns family: STRING, of the model
// returns is_open: BOOLEAN, whether something in it runs
// returns pushed: BOOLEAN, whether the model was deployed
// returns pushed_at: INTEGER, when, ms since 1970, or null
// returns began: INTEGER, begin of the run, ms since 1970
// returns started: INTEGER, the trainer's start
// returns trained: INTEGER, the trainer's end, or null
// returns ended: INTEGER, last end in it
// returns data_ready: INTEGER, end of the last execution of stage 1, or null
// returns validated: INTEGER, end of the last execution of stage 4, or null
// returns checking: INTEGER, executions of stage 4 that have not ended
// returns state: STRING, the trainer's
// returns code: STRING, version of the trainer's code, or null
// returns prepared_by: STRING, version of the code of what was done to the data, or null; of several
//   the last in their order
// returns cost_unit: STRING, the trainer's; costs in other units are left out
// returns costs: LIST<FLOAT>, of executions by stage, 0 being what was over before the run
// returns own: LIST<FLOAT>, likewise, of executions in no other graphlet
// returns unknown: INTEGER, executions whose cost is not known, or in another unit
// returns inputs: INTEGER, classes of the executions of stages 0 to 2, as a sum of: 1 ingestion,
//   2 analysis, 4 validation, 8 transformation, 16 tuning, 32 evaluation, 64 others
// returns checks: INTEGER, likewise of those of stage 4 that followed the training
// returns failed_before: INTEGER, failed executions of stages 0 to 2
// returns failed_after: INTEGER, failed executions of stage 4
// returns deployed: INTEGER, when the first deployment began, whatever it pushed, or null
// returns anomalies: FLOAT, found in the data by the last validation before the training, or null
// returns blessings: INTEGER, verdicts of stage 4
// returns blessed: INTEGER, of them good ones
// returns warm: BOOLEAN, whether it starts from what other models made
// returns jaccard: FLOAT, spans in common with the graphlet before it, or null for the first
// :param source => null
// :param pipeline => null
// :param keys => null
// :param settle_hours => 24.0
CALL () {
  UNWIND CASE WHEN $keys IS NULL THEN [0] ELSE [] END AS every
  MATCH (g:Graphlet)
  WHERE ($source IS NULL OR g.source = $source) AND ($pipeline IS NULL OR g.pipeline = $pipeline)
  RETURN g
  UNION ALL
  UNWIND coalesce($keys, []) AS key
  MATCH (g:Graphlet {key: key})
  RETURN g
}
WITH g ORDER BY g.key
MATCH (g)-[:ANCHOR]->(t)
CALL (t) {
  OPTIONAL MATCH (t)-[:IN_RUN]->(r)
  RETURN min(coalesce(r.started, r.created).epochMillis) AS run
}
WITH g, t, t.started.epochMillis AS started, t.ended.epochMillis AS trained, t.cost_unit AS unit,
     run
WITH g, t, started, trained, unit,
     CASE WHEN run < started THEN run ELSE started END AS began,
     coalesce(trained, started) + $settle_hours * 3600000 AS settled
CALL (g, began, started, trained, settled, unit) {
  MATCH (g)-[c:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]->(e:Execution)
  WITH e, type(c) AS role, e.ended.epochMillis AS ended, e.operator AS operator,
       CASE WHEN e.cost_unit = unit THEN e.cost END AS known, e.state = 'FAILED' AS failed
  WITH e, ended, failed, operator, known, coalesce(known, 0.0) AS cost,
       role = 'ANCESTOR' OR role = 'ANALYSIS' AS above,
       CASE
         WHEN role = 'ANCHOR' THEN 3
         WHEN role = 'DESCENDANT' THEN
           CASE WHEN operator = 'deployment' OR operator = 'inference'
                  OR NOT coalesce(e.started.epochMillis <= settled, false) THEN 5 ELSE 4 END
         WHEN ended <= began THEN 0
         WHEN ended IS NULL OR ended <= started THEN
           CASE WHEN operator IN ['ingestion', 'analysis', 'validation'] THEN 1 ELSE 2 END
         WHEN coalesce(ended <= trained, true) THEN 3
         WHEN e.started.epochMillis > settled THEN 5
         ELSE 4
       END AS stage
  WITH *, above AND stage < 3 AS before,
       CASE operator WHEN 'ingestion' THEN 1 WHEN 'analysis' THEN 2 WHEN 'validation' THEN 4
         WHEN 'transformation' THEN 8 WHEN 'tuning' THEN 16 WHEN 'evaluation' THEN 32
         ELSE 64 END AS class,
       cost > 0 AND NOT EXISTS {
         (e)<-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]-(other WHERE other <> g)
       } AS alone
  RETURN sum(CASE WHEN stage = 0 THEN cost ELSE 0.0 END) AS cost0,
         sum(CASE WHEN stage = 1 THEN cost ELSE 0.0 END) AS cost1,
         sum(CASE WHEN stage = 2 THEN cost ELSE 0.0 END) AS cost2,
         sum(CASE WHEN stage = 3 THEN cost ELSE 0.0 END) AS cost3,
         sum(CASE WHEN stage = 4 THEN cost ELSE 0.0 END) AS cost4,
         sum(CASE WHEN stage = 5 THEN cost ELSE 0.0 END) AS cost5,
         sum(CASE WHEN stage = 0 AND alone THEN cost ELSE 0.0 END) AS own0,
         sum(CASE WHEN stage = 1 AND alone THEN cost ELSE 0.0 END) AS own1,
         sum(CASE WHEN stage = 2 AND alone THEN cost ELSE 0.0 END) AS own2,
         sum(CASE WHEN stage = 3 AND alone THEN cost ELSE 0.0 END) AS own3,
         sum(CASE WHEN stage = 4 AND alone THEN cost ELSE 0.0 END) AS own4,
         sum(CASE WHEN stage = 5 AND alone THEN cost ELSE 0.0 END) AS own5,
         sum(CASE WHEN stage < 3 AND failed THEN 1 ELSE 0 END) AS failed_before,
         sum(CASE WHEN stage = 4 AND failed THEN 1 ELSE 0 END) AS failed_after,
         sum(CASE WHEN known IS NULL THEN 1 ELSE 0 END) AS unknown,
         max(CASE WHEN stage = 1 THEN ended END) AS data_ready,
         max(CASE WHEN stage = 4 THEN ended END) AS validated,
         sum(CASE WHEN stage = 4 AND ended IS NULL THEN 1 ELSE 0 END) AS checking,
         max(CASE WHEN before AND operator IN ['transformation', 'tuning', 'other']
                  THEN e.code_version END) AS prepared_by,
         coalesce(sum(DISTINCT CASE WHEN before THEN class END), 0) AS inputs,
         coalesce(sum(DISTINCT CASE WHEN stage = 4 AND NOT above THEN class END), 0) AS checks,
         min(CASE WHEN operator = 'deployment' THEN e.started.epochMillis END) AS deployed,
         collect(CASE WHEN stage IN [2, 5] AND cost > 0 AND ended IS NOT NULL
                      THEN [stage, ended, cost, alone] END) AS others
}
WITH *, [one IN others WHERE one[0] = 2 AND one[1] <= data_ready] AS soon,
     [one IN others WHERE one[0] = 5 AND one[1] <= validated] AS meanwhile
WITH *, reduce(sum = 0.0, one IN soon | sum + one[2]) AS early,
     reduce(sum = 0.0, one IN soon | sum + CASE WHEN one[3] THEN one[2] ELSE 0.0 END) AS own_early,
     reduce(sum = 0.0, one IN meanwhile | sum + one[2]) AS late,
     reduce(sum = 0.0, one IN meanwhile |
            sum + CASE WHEN one[3] THEN one[2] ELSE 0.0 END) AS own_late
CALL (g, settled) {
  OPTIONAL MATCH (g)-[:DESCENDANT]->(a:Blessing)<-[:OUTPUT]-(e)
  WHERE e.started.epochMillis <= settled
  RETURN count(a) AS blessings,
         count(CASE WHEN toString(a.p_blessed) IN ['1', 'true']
                      OR properties(a).p_blessing_status = 'INFRA_BLESSED' THEN a END) AS blessed
}
CALL (g, started) {
  OPTIONAL MATCH (g)-[:ANALYSIS]->(a:Anomalies)<-[:OUTPUT]-(e)
  WHERE e.ended.epochMillis <= started
    AND CASE WHEN a:Anomalies THEN properties(a).p_anomalies END IS NOT NULL
  RETURN max([e.ended.epochMillis, toFloatOrNull(properties(a).p_anomalies)]) AS anomalies
}
OPTIONAL MATCH (g)<-[next:NEXT]-()
RETURN g.key AS key, g.source AS source, g.pipeline AS pipeline, g.node AS node,
       g.family AS family, g.state = 'open' AS is_open, g.pushed AS pushed,
       g.pushed_at.epochMillis AS pushed_at, began, started, trained,
       g.ended.epochMillis AS ended, data_ready, validated, checking,
       t.state AS state, t.code_version AS code, prepared_by, unit AS cost_unit,
       [cost0, cost1 + early, cost2 - early, cost3, cost4 + late, cost5 - late] AS costs,
       [own0, own1 + own_early, own2 - own_early, own3, own4 + own_late, own5 - own_late] AS own,
       unknown, inputs, checks,
       failed_before, failed_after,
       deployed, anomalies[1] AS anomalies, blessings, blessed,
       EXISTS { (g)-[:BOUNDARY]->() } AS warm, next.jaccard AS jaccard
ORDER BY key
