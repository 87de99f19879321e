// What is known of the model that a run will train, as `waste/graphlets` says it of one that began.
//
// It is taken to be of the same node and family as the last model of its pipeline. Costs of what
// ran before the run are not known yet. `started` is the last time that is known of the run.
//
// $run: STRING, the run's key
// $last: STRING, the graphlet of its pipeline that began last
// returns key: STRING, the run's key
// returns source: STRING, of the last graphlet
// returns pipeline: STRING, of the last graphlet
// returns node: STRING, of the last graphlet
// returns family: STRING, of the last graphlet
// returns is_open: BOOLEAN, true
// returns pushed: BOOLEAN, false
// returns pushed_at: INTEGER, null
// returns began: INTEGER, begin of the run, ms since 1970
// returns started: INTEGER, the last time that is known of the run
// returns trained: INTEGER, null
// returns ended: INTEGER, null
// returns data_ready: INTEGER, end of the last execution of stage 1, or null as long as one runs
// returns validated: INTEGER, null
// returns checking: INTEGER, 0
// returns state: STRING, AWAITED
// returns code: STRING, null
// returns prepared_by: STRING, null
// returns cost_unit: STRING, of the last graphlet; costs in other units are left out
// returns costs: LIST<FLOAT>, of executions by stage
// returns own: LIST<FLOAT>, the same
// returns unknown: INTEGER, executions whose cost is not known, or in another unit
// returns inputs: INTEGER, 0, as more may come
// returns checks: INTEGER, 0
// returns failed_before: INTEGER, failed executions
// returns failed_after: INTEGER, 0
// returns deployed: INTEGER, null
// returns anomalies: FLOAT, found in the data by the last validation, or null
// returns blessings: INTEGER, 0
// returns blessed: INTEGER, 0
// returns warm: BOOLEAN, false
// returns jaccard: FLOAT, spans that it is expected to have in common with the last graphlet
// :param run => ''
// :param last => ''
MATCH (r:Run {key: $run})
MATCH (g:Graphlet {key: $last})
WITH r, g, g.cost_unit AS unit, COUNT { (g)-[:SPAN]->() } AS window,
     COUNT {
       MATCH (r)<-[:IN_RUN]-(:Execution)-[:INPUT|OUTPUT]-(s:Span)
       WHERE NOT EXISTS { (g)-[:SPAN]->(s) }
       RETURN DISTINCT s
     } AS fresh
CALL (r, unit) {
  MATCH (r)<-[:IN_RUN]-(e:Execution)
  WITH e, e.operator IN ['ingestion', 'analysis', 'validation'] AS data,
       CASE WHEN e.cost_unit = unit THEN e.cost END AS known
  RETURN min(coalesce(e.started, e.created).epochMillis) AS first,
         max(coalesce(e.ended, e.started, e.created).epochMillis) AS latest,
         sum(CASE WHEN data THEN known END) AS cost1,
         sum(CASE WHEN NOT data THEN known END) AS cost2,
         sum(CASE WHEN known IS NULL THEN 1 ELSE 0 END) AS unknown,
         sum(CASE WHEN e.state = 'FAILED' THEN 1 ELSE 0 END) AS failed,
         sum(CASE WHEN data AND e.ended IS NULL THEN 1 ELSE 0 END) AS at_work,
         max(CASE WHEN data THEN e.ended.epochMillis END) AS ready
}
CALL (r) {
  OPTIONAL MATCH (r)<-[:IN_RUN]-(e:Execution)-[:OUTPUT]->(a:Anomalies)
  WHERE e.ended IS NOT NULL AND properties(a).p_anomalies IS NOT NULL
  RETURN max([e.ended.epochMillis, toFloatOrNull(properties(a).p_anomalies)]) AS anomalies
}
WITH *, coalesce(coalesce(r.started, r.created).epochMillis, first) AS began
RETURN r.key AS key, g.source AS source, g.pipeline AS pipeline, g.node AS node,
       g.family AS family, true AS is_open, false AS pushed, null AS pushed_at, began,
       CASE WHEN latest > began THEN latest ELSE began END AS started,
       null AS trained, null AS ended, CASE WHEN at_work = 0 THEN ready END AS data_ready,
       null AS validated, 0 AS checking, 'AWAITED' AS state, null AS code, null AS prepared_by,
       unit AS cost_unit, [0.0, cost1, cost2, 0.0, 0.0, 0.0] AS costs,
       [0.0, cost1, cost2, 0.0, 0.0, 0.0] AS own, unknown, 0 AS inputs, 0 AS checks,
       failed AS failed_before, 0 AS failed_after, null AS deployed, anomalies[1] AS anomalies,
       0 AS blessings, 0 AS blessed, false AS warm,
       CASE WHEN fresh < window THEN toFloat(window - fresh) / (window + fresh)
            WHEN window > 0 THEN 0.0 END AS jaccard
ORDER BY key
