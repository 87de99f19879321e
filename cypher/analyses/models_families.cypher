// What each family of models made, cost and pushed; units of cost are kept apart.
//
// The family is what the trainings' properties name (the setting `family_properties`). Cost is the
// attributed one: an execution's is split evenly over the graphlets that hold it. Filters choose
// graphlets by their trainer.
//
// $source: STRING, only this source, or null for all
// $pipeline: STRING, only this pipeline, or null for all
// $since: STRING, only what started at this time (ISO 8601) or later, or null
// $until: STRING, only what started before this time, or null
// returns family: STRING, its name; null where no property names one
// returns pipelines: INTEGER, pipelines with a model of it
// returns pipelines_share: FLOAT, these, of all pipelines with models, 0 to 1
// returns models: INTEGER, graphlets of the family
// returns models_share: FLOAT, these, of all graphlets, 0 to 1
// returns failed: INTEGER, graphlets whose trainer failed
// returns failed_share: FLOAT, failed, of those whose trainer ended, 0 to 1
// returns pushed: INTEGER, graphlets whose model was deployed
// returns pushed_share: FLOAT, pushed, of those that are decided, 0 to 1
// returns cost: FLOAT, attributed cost of its graphlets, in cost_unit
// returns cost_unit: STRING, unit of the row's cost; null where no cost is known
// returns cost_share: FLOAT, cost, of all attributed cost in this unit, 0 to 1
// :param source => null
// :param pipeline => null
// :param since => null
// :param until => null
CALL () {
  MATCH (g:Graphlet)
  WHERE ($source IS NULL OR g.source = $source)
    AND ($pipeline IS NULL OR g.pipeline = $pipeline)
    AND ($since IS NULL OR g.started >= datetime($since))
    AND ($until IS NULL OR g.started < datetime($until))
  MATCH (g)-[:ANCHOR]->(t)
  WITH g.family AS family, g.source AS source, g.pipeline AS pipeline, count(*) AS models,
       sum(CASE WHEN t.state = 'FAILED' THEN 1 ELSE 0 END) AS failed,
       sum(CASE WHEN t.state <> 'RUNNING' THEN 1 ELSE 0 END) AS ended,
       sum(CASE WHEN g.pushed THEN 1 ELSE 0 END) AS pushed,
       sum(CASE WHEN g.pushed OR g.state <> 'open' THEN 1 ELSE 0 END) AS decided
  RETURN family, CASE WHEN pipeline IS NOT NULL THEN [source, pipeline] END AS pipeline, models,
         failed, ended, pushed, decided, null AS unit, 0.0 AS cost
  UNION ALL
  MATCH (e:Execution)
  WHERE e.cost > 0
  MATCH (e)<-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]-(g)
  WITH e, collect(g) AS holders
  WITH holders, e.cost_unit AS unit, e.cost / size(holders) AS share
  UNWIND holders AS g
  WITH g, unit, sum(share) AS cost
  WHERE ($source IS NULL OR g.source = $source)
    AND ($pipeline IS NULL OR g.pipeline = $pipeline)
    AND ($since IS NULL OR g.started >= datetime($since))
    AND ($until IS NULL OR g.started < datetime($until))
  WITH g.family AS family, unit, sum(cost) AS cost
  RETURN family, null AS pipeline, 0 AS models, 0 AS failed, 0 AS ended, 0 AS pushed,
         0 AS decided, unit, cost
}
WITH family, unit, count(DISTINCT pipeline) AS pipelines, collect(DISTINCT pipeline) AS named,
     sum(models) AS models, sum(failed) AS failed, sum(ended) AS ended, sum(pushed) AS pushed,
     sum(decided) AS decided, sum(cost) AS cost
WITH family, sum(pipelines) AS pipelines, collect(named) AS named, sum(models) AS models,
     sum(failed) AS failed, sum(ended) AS ended, sum(pushed) AS pushed, sum(decided) AS decided,
     collect({unit: unit, cost: cost}) AS costs
WITH collect({family: family, pipelines: pipelines, named: named, models: models, failed: failed,
              ended: ended, pushed: pushed, decided: decided, costs: costs}) AS families
CALL (families) {
  UNWIND families AS one
  UNWIND one.named AS some
  UNWIND some AS pipeline
  RETURN count(DISTINCT pipeline) AS all_pipelines
}
CALL (families) {
  UNWIND families AS one
  RETURN sum(one.models) AS all_models
}
UNWIND families AS one
WITH all_pipelines, all_models, one, [cost IN one.costs WHERE cost.unit IS NOT NULL] AS costs
UNWIND CASE WHEN size(costs) > 0 THEN costs ELSE [{unit: null, cost: 0.0}] END AS cost
WITH all_pipelines, all_models, cost.unit AS cost_unit, sum(cost.cost) AS total,
     collect({one: one, cost: cost.cost}) AS rows
UNWIND rows AS row
WITH *, row.one AS one, row.cost AS cost
WHERE one.models > 0
RETURN one.family AS family, one.pipelines AS pipelines,
       CASE WHEN all_pipelines > 0 THEN toFloat(one.pipelines) / all_pipelines ELSE 0.0 END
         AS pipelines_share,
       one.models AS models, toFloat(one.models) / all_models AS models_share,
       one.failed AS failed,
       CASE WHEN one.ended > 0 THEN toFloat(one.failed) / one.ended ELSE 0.0 END AS failed_share,
       one.pushed AS pushed,
       CASE WHEN one.decided > 0 THEN toFloat(one.pushed) / one.decided ELSE 0.0 END
         AS pushed_share,
       cost, cost_unit, CASE WHEN total > 0 THEN cost / total ELSE 0.0 END AS cost_share
ORDER BY cost_unit, models DESC, family
