// The reconciliation: attributed costs of all graphlets + cost outside graphlets = total cost.
//
// An execution's cost is split evenly over the graphlets that hold it, so that their parts add up to
// it. Wasted is the cost of executions that are in at least one complete graphlet and in no pushed
// or open one. Filters choose executions; their graphlets may be of any pipeline and time.
//
// $source: STRING, only this source, or null for all
// $pipeline: STRING, only this pipeline, or null for all
// $since: STRING, only what started at this time (ISO 8601) or later, or null
// $until: STRING, only what started before this time, or null
// returns cost_unit: STRING, unit of the row's costs; units are never mixed
// returns attributed: FLOAT, cost of executions in graphlets, as these share it
// returns outside: FLOAT, cost of executions in no graphlet
// returns total: FLOAT, cost of all executions
// returns difference: FLOAT, attributed + outside - total; 0 when within 1e-9 of the total
// returns wasted: FLOAT, cost spent only on models that were not pushed
// returns wasted_share: FLOAT, wasted, of the total, 0 to 1
// returns wasted_executions: INTEGER, executions that wasted is the cost of
// returns undecided: FLOAT, cost of executions in an open graphlet and in no pushed one
// :param source => null
// :param pipeline => null
// :param since => null
// :param until => null
MATCH (e:Execution)
WHERE ($source IS NULL OR e.source = $source)
  AND ($pipeline IS NULL OR e.pipeline = $pipeline)
  AND ($since IS NULL OR coalesce(e.started, e.created) >= datetime($since))
  AND ($until IS NULL OR coalesce(e.started, e.created) < datetime($until))
OPTIONAL MATCH (e)<-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]-(g)
WITH e, max(CASE WHEN g.pushed THEN 2 WHEN g.state = 'open' THEN 1 WHEN g IS NOT NULL THEN 0 END)
       AS use
WITH e.cost_unit AS cost_unit, e.cost AS cost, use
WITH cost_unit, sum(CASE WHEN use IS NOT NULL THEN cost ELSE 0.0 END) AS attributed,
     sum(CASE WHEN use IS NULL THEN cost ELSE 0.0 END) AS outside, sum(cost) AS total,
     sum(CASE use WHEN 0 THEN cost ELSE 0.0 END) AS wasted,
     sum(CASE use WHEN 0 THEN 1 ELSE 0 END) AS wasted_executions,
     sum(CASE use WHEN 1 THEN cost ELSE 0.0 END) AS undecided
WHERE total > 0 OR attributed > 0
WITH *, attributed + outside - total AS gap
RETURN cost_unit, attributed, outside, total,
       CASE WHEN abs(gap) <= 1e-9 * total THEN 0.0 ELSE gap END AS difference,
       wasted, CASE WHEN total > 0 THEN wasted / total ELSE 0.0 END AS wasted_share,
       wasted_executions, undecided
ORDER BY cost_unit
