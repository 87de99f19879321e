// What was spent on models that were not pushed, by pipeline, class of operator, family and month.
//
// Wasted is the cost of executions that are in at least one complete graphlet and in no pushed or
// open one. An execution that several graphlets hold is shared out evenly among them, so that each
// breakdown adds up to the wasted cost of `analyses/summary_costs`. Filters choose executions; a
// graphlet's month is that of its trainer's start, in UTC.
//
// $source: STRING, only this source, or null for all
// $pipeline: STRING, only this pipeline, or null for all
// $since: STRING, only what started at this time (ISO 8601) or later, or null
// $until: STRING, only what started before this time, or null
// returns by: STRING, `pipeline`, `operator`, `family` or `month`
// returns name: STRING, of that; null where it has none
// returns source: STRING, of a pipeline
// returns graphlets: INTEGER, that share in the cost; null by operator
// returns pushed: INTEGER, of them pushed; null by operator
// returns cost: FLOAT, attributed to these graphlets
// returns wasted: FLOAT, the part that only models not pushed used
// returns share: FLOAT, of the cost, 0 to 1
// returns of_all: FLOAT, of all that was wasted in this unit, 0 to 1
// returns cost_unit: STRING, units are never mixed
// :param source => null
// :param pipeline => null
// :param since => null
// :param until => null
MATCH (e:Execution)
WHERE e.cost > 0
  AND ($source IS NULL OR e.source = $source)
  AND ($pipeline IS NULL OR e.pipeline = $pipeline)
  AND ($since IS NULL OR coalesce(e.started, e.created) >= datetime($since))
  AND ($until IS NULL OR coalesce(e.started, e.created) < datetime($until))
CALL (e) {
  MATCH (e)<-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]-(g)
  WITH collect(g) AS holders,
       max(CASE WHEN g.pushed OR g.state = 'open' THEN 1 ELSE 0 END) = 0 AS idle
  UNWIND holders AS g
  RETURN g, e.cost / size(holders) AS share, idle
}
WITH g, e.operator AS operator, e.cost_unit AS cost_unit, sum(share) AS cost,
     sum(CASE WHEN idle THEN share ELSE 0.0 END) AS wasted
WITH operator, cost_unit, g.pipeline AS pipeline, g.source AS source, g.family AS family,
     left(toString(g.started), 7) AS month,
     sum(cost) AS cost, sum(wasted) AS wasted,
     count(CASE WHEN operator = 'training' THEN g END) AS graphlets,
     count(CASE WHEN operator = 'training' AND g.pushed THEN g END) AS pushed
UNWIND [['pipeline', pipeline, source], ['operator', operator, null], ['family', family, null],
        ['month', month, null]] AS one
WITH one[0] AS by, one[1] AS name, one[2] AS source, cost_unit, sum(cost) AS cost,
     sum(wasted) AS wasted, sum(graphlets) AS graphlets, sum(pushed) AS pushed
WITH by, cost_unit, sum(wasted) AS all,
     collect({name: name, source: source, cost: cost, wasted: wasted, graphlets: graphlets,
              pushed: pushed}) AS rows
UNWIND rows AS row
RETURN by, row.name AS name, row.source AS source,
       CASE WHEN by <> 'operator' THEN row.graphlets END AS graphlets,
       CASE WHEN by <> 'operator' THEN row.pushed END AS pushed,
       row.cost AS cost, row.wasted AS wasted,
       CASE WHEN row.cost > 0 THEN row.wasted / row.cost ELSE 0.0 END AS share,
       CASE WHEN all > 0 THEN row.wasted / all ELSE 0.0 END AS of_all, cost_unit
ORDER BY by, CASE WHEN by = 'month' THEN 0.0 ELSE -wasted END, name, source, cost_unit
