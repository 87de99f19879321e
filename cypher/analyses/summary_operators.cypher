// What each class of operator cost, in graphlets and outside; units of cost are kept apart.
//
// $source: STRING, only this source, or null for all
// $pipeline: STRING, only this pipeline, or null for all
// $since: STRING, only what started at this time (ISO 8601) or later, or null
// $until: STRING, only what started before this time, or null
// returns operator: STRING, operator class
// returns executions: INTEGER, executions of the class
// returns in_graphlets: INTEGER, of these, those in a graphlet
// returns cost: FLOAT, cost of the class, in cost_unit
// returns cost_unit: STRING, unit of the row's costs; null where no cost is known
// returns share: FLOAT, cost, of all cost in this unit, 0 to 1
// returns cost_in_graphlets: FLOAT, cost of its executions in a graphlet
// returns cost_outside: FLOAT, cost of its executions in none
// :param source => null
// :param pipeline => null
// :param since => null
// :param until => null
MATCH (e:Execution)
WHERE ($source IS NULL OR e.source = $source)
  AND ($pipeline IS NULL OR e.pipeline = $pipeline)
  AND ($since IS NULL OR coalesce(e.started, e.created) >= datetime($since))
  AND ($until IS NULL OR coalesce(e.started, e.created) < datetime($until))
WITH e, EXISTS { (e)<-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]-() } AS held
WITH e.operator AS operator, e.cost_unit AS cost_unit, count(*) AS executions,
     sum(e.cost) AS cost,
     sum(CASE WHEN held THEN 1 ELSE 0 END) AS in_graphlets,
     sum(CASE WHEN held THEN e.cost ELSE 0.0 END) AS cost_in_graphlets
WITH cost_unit, sum(cost) AS total,
     collect({operator: operator, executions: executions, cost: cost,
              in_graphlets: in_graphlets, held: cost_in_graphlets}) AS operators
UNWIND operators AS row
RETURN row.operator AS operator, row.executions AS executions, row.in_graphlets AS in_graphlets,
       row.cost AS cost, cost_unit,
       CASE WHEN total > 0 THEN row.cost / total ELSE 0.0 END AS share,
       row.held AS cost_in_graphlets, row.cost - row.held AS cost_outside
ORDER BY cost_unit, cost DESC, operator
