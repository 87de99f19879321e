// What each pipeline ran, trained, deployed, cost and wasted.
//
// `cost` is that of the executions that count for the pipeline; `attributed_cost` and `wasted` are
// the shares of its graphlets, which may hold executions of other pipelines. A pipeline whose costs
// have several units has a row for each, and the same counts in each. Executions in no pipeline
// make a row with the pipeline null.
//
// $source: STRING, only this source, or null for all
// $pipeline: STRING, only this pipeline, or null for all
// $since: STRING, only what started at this time (ISO 8601) or later, or null
// $until: STRING, only what started before this time, or null
// returns source: STRING, where the pipeline came from
// returns pipeline: STRING, its name; null for executions in none
// returns runs: INTEGER, runs with executions that are chosen
// returns executions: INTEGER, executions that count for it
// returns models: INTEGER, graphlets
// returns pushed: INTEGER, graphlets whose model was deployed
// returns models_a_day: FLOAT, models over its lifespan, which counts as a day at least
// returns lifespan_days: FLOAT, from the first start to the last end, days
// returns cost: FLOAT, cost of its executions, in cost_unit
// returns attributed_cost: FLOAT, its graphlets' shares of the cost of what they hold
// returns wasted: FLOAT, the part of those shares that only models not pushed used
// returns cost_unit: STRING, unit of the row's costs; null where no cost is known
// returns last_activity: DATETIME, last end or start of an execution of it
// :param source => null
// :param pipeline => null
// :param since => null
// :param until => null
CALL () {
  MATCH (e:Execution)
  WHERE ($source IS NULL OR e.source = $source)
    AND ($pipeline IS NULL OR e.pipeline = $pipeline)
    AND ($since IS NULL OR coalesce(e.started, e.created) >= datetime($since))
    AND ($until IS NULL OR coalesce(e.started, e.created) < datetime($until))
  WITH e.source AS source, e.pipeline AS pipeline, e.cost_unit AS unit, sum(e.cost) AS cost,
       count(*) AS executions, min(e.started) AS first, max(coalesce(e.ended, e.started)) AS last
  RETURN source, pipeline, unit, cost, 0.0 AS attributed, 0.0 AS wasted, 0 AS runs, executions,
         0 AS models, 0 AS pushed, first, last
  UNION ALL
  // From the executions, so that those who hold one are counted once, however many they are.
  MATCH (e:Execution)
  WHERE e.cost > 0
  MATCH (e)<-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]-(g)
  WITH e, collect(g) AS holders,
       max(CASE WHEN g.pushed OR g.state = 'open' THEN 1 ELSE 0 END) AS used
  WITH holders, used, e.cost_unit AS unit, e.cost / size(holders) AS share
  UNWIND holders AS g
  WITH g, unit, sum(share) AS attributed, sum(CASE used WHEN 0 THEN share ELSE 0.0 END) AS wasted
  WHERE ($source IS NULL OR g.source = $source)
    AND ($pipeline IS NULL OR g.pipeline = $pipeline)
    AND ($since IS NULL OR g.started >= datetime($since))
    AND ($until IS NULL OR g.started < datetime($until))
  WITH g.source AS source, g.pipeline AS pipeline, unit, sum(attributed) AS attributed,
       sum(wasted) AS wasted
  RETURN source, pipeline, unit, 0.0 AS cost, attributed, wasted, 0 AS runs, 0 AS executions,
         0 AS models, 0 AS pushed, null AS first, null AS last
  UNION ALL
  MATCH (g:Graphlet)
  WHERE ($source IS NULL OR g.source = $source)
    AND ($pipeline IS NULL OR g.pipeline = $pipeline)
    AND ($since IS NULL OR g.started >= datetime($since))
    AND ($until IS NULL OR g.started < datetime($until))
  WITH g.source AS source, g.pipeline AS pipeline, count(*) AS models,
       sum(CASE WHEN g.pushed THEN 1 ELSE 0 END) AS pushed
  RETURN source, pipeline, null AS unit, 0.0 AS cost, 0.0 AS attributed, 0.0 AS wasted,
         0 AS runs, 0 AS executions, models, pushed, null AS first, null AS last
  UNION ALL
  MATCH (p:Pipeline)
  WHERE ($source IS NULL OR p.source = $source) AND ($pipeline IS NULL OR p.name = $pipeline)
  MATCH (p)<-[:OF]-(r:Run)
  WHERE ($since IS NULL AND $until IS NULL OR EXISTS {
      (r)<-[:IN_RUN]-(e:Execution)
      WHERE ($since IS NULL OR coalesce(e.started, e.created) >= datetime($since))
        AND ($until IS NULL OR coalesce(e.started, e.created) < datetime($until)) })
  WITH p.source AS source, p.name AS pipeline, count(DISTINCT r) AS runs
  RETURN source, pipeline, null AS unit, 0.0 AS cost, 0.0 AS attributed, 0.0 AS wasted,
         runs, 0 AS executions, 0 AS models, 0 AS pushed, null AS first, null AS last
}
WITH source, pipeline, unit, sum(cost) AS cost, sum(attributed) AS attributed,
     sum(wasted) AS wasted, sum(runs) AS runs, sum(executions) AS executions,
     sum(models) AS models, sum(pushed) AS pushed, min(first) AS first, max(last) AS last
ORDER BY source, pipeline, unit
WITH source, pipeline, sum(runs) AS runs, sum(executions) AS executions, sum(models) AS models,
     sum(pushed) AS pushed, min(first) AS first, max(last) AS last,
     collect({unit: unit, cost: cost, attributed: attributed, wasted: wasted}) AS all
WITH *, [row IN all WHERE row.cost > 0 OR row.attributed > 0] AS spent,
     duration.inSeconds(first, last).seconds / 86400.0 AS days
UNWIND CASE WHEN size(spent) > 0 THEN spent ELSE [all[0]] END AS row
RETURN source, pipeline, runs, executions, models, pushed,
       models / CASE WHEN days > 1 THEN days ELSE 1.0 END AS models_a_day,
       coalesce(days, 0.0) AS lifespan_days, row.cost AS cost,
       row.attributed AS attributed_cost, row.wasted AS wasted, row.unit AS cost_unit,
       last AS last_activity
ORDER BY cost_unit, cost DESC, source, pipeline
