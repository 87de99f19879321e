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
// returns by: STRING, what the row is of: `pipeline`, `operator`, `family` or `month`
// returns name: STRING, its name; null where it has none
// returns source: STRING, source of a pipeline
// returns graphlets: INTEGER, graphlets that share in the cost; null by operator
// returns pushed: INTEGER, of these, those pushed; null by operator
// returns cost: FLOAT, cost attributed to these graphlets
// returns wasted: FLOAT, the part of it that only models not pushed used
// returns share: FLOAT, wasted, of the cost, 0 to 1
// returns of_all: FLOAT, wasted, of all that was wasted in this unit, 0 to 1
// returns cost_unit: STRING, unit of the row's costs; units are never mixed
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
MATCH (e)<-[c:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]-(g)
WITH e, collect(g) AS holders, head(collect(CASE type(c) WHEN 'ANCHOR' THEN g END)) AS own,
     max(CASE WHEN g.pushed OR g.state = 'open' THEN 1 ELSE 0 END) AS used
WITH holders, own, used, e.cost AS cost, e.cost / size(holders) AS share,
     e.cost_unit AS cost_unit, e.operator AS class
// A share for each holder, and the whole once for the class. Summed by holder first: so the
// properties of a graphlet are read once.
UNWIND holders + [null] AS g
WITH g, CASE WHEN g IS NULL THEN class END AS operator, cost_unit, used,
     CASE WHEN g = own THEN 1 ELSE 0 END AS trained,
     CASE WHEN g IS NULL THEN cost ELSE share END AS cost
WITH g, operator, cost_unit, sum(cost) AS cost,
     sum(CASE used WHEN 0 THEN cost ELSE 0.0 END) AS wasted, sum(trained) AS graphlets
UNWIND CASE WHEN g IS NULL THEN [['operator', operator, null]] ELSE
         [['pipeline', g.pipeline, g.source], ['family', g.family, null],
          ['month', right('000' + toString(g.started.year), 4) + '-'
                    + right('0' + toString(g.started.month), 2), null]] END AS one
WITH one[0] AS by, one[1] AS name, one[2] AS source, cost_unit, sum(cost) AS cost,
     sum(wasted) AS wasted, sum(graphlets) AS graphlets,
     sum(CASE WHEN g.pushed THEN graphlets ELSE 0 END) AS pushed
WITH by, cost_unit, sum(wasted) AS all,
     collect({name: name, source: source, cost: cost, wasted: wasted, graphlets: graphlets,
              pushed: pushed}) AS rows
UNWIND rows AS row
// Summed once more, of one row each: so the list does not go on with each of its rows into the sort.
WITH by, cost_unit, all, row.name AS name, row.source AS source, sum(row.cost) AS cost,
     sum(row.wasted) AS wasted, sum(row.graphlets) AS graphlets, sum(row.pushed) AS pushed
RETURN by, name, source,
       CASE WHEN by <> 'operator' THEN graphlets END AS graphlets,
       CASE WHEN by <> 'operator' THEN pushed END AS pushed, cost, wasted,
       CASE WHEN cost > 0 THEN wasted / cost ELSE 0.0 END AS share,
       CASE WHEN all > 0 THEN wasted / all ELSE 0.0 END AS of_all, cost_unit
ORDER BY by, CASE WHEN by = 'month' THEN 0.0 ELSE -wasted END, name, source, cost_unit
