// The reconciliation: attributed costs of all graphlets + cost outside graphlets = total cost.
//
// Both sides are counted apart: the total over executions, the attributed costs over what
// graphlets contain, each execution's cost split evenly over its holders. Wasted is the cost of
// executions that are in at least one complete graphlet and in no pushed or open one. Filters
// choose executions; their graphlets may be of any pipeline and time.
//
// $source: STRING, only this source, or null for all
// $pipeline: STRING, only this pipeline, or null for all
// $since: STRING, only what started at this time (ISO 8601) or later, or null
// $until: STRING, only what started before this time, or null
// returns cost_unit: STRING, units are never mixed
// returns attributed: FLOAT, to graphlets
// returns outside: FLOAT, of executions in no graphlet
// returns total: FLOAT, of all executions
// returns difference: FLOAT, attributed + outside - total; 0 when within 1e-9 of the total
// returns wasted: FLOAT, spent only on models that were not pushed
// returns wasted_share: FLOAT, of the total, 0 to 1
// returns wasted_executions: INTEGER, how many executions that are
// returns undecided: FLOAT, of executions in an open graphlet and in no pushed one
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
  WITH e.cost_unit AS cost_unit, sum(e.cost) AS total
  RETURN cost_unit, total, 0.0 AS outside, 0.0 AS attributed, 0.0 AS wasted,
         0 AS wasted_executions, 0.0 AS undecided
  UNION ALL
  MATCH (e:Execution)
  WHERE NOT EXISTS { (e)<-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]-() }
    AND ($source IS NULL OR e.source = $source)
    AND ($pipeline IS NULL OR e.pipeline = $pipeline)
    AND ($since IS NULL OR coalesce(e.started, e.created) >= datetime($since))
    AND ($until IS NULL OR coalesce(e.started, e.created) < datetime($until))
  WITH e.cost_unit AS cost_unit, sum(e.cost) AS outside
  RETURN cost_unit, 0.0 AS total, outside, 0.0 AS attributed, 0.0 AS wasted,
         0 AS wasted_executions, 0.0 AS undecided
  UNION ALL
  MATCH (e:Execution)
  WHERE ($source IS NULL OR e.source = $source)
    AND ($pipeline IS NULL OR e.pipeline = $pipeline)
    AND ($since IS NULL OR coalesce(e.started, e.created) >= datetime($since))
    AND ($until IS NULL OR coalesce(e.started, e.created) < datetime($until))
  MATCH (e)<-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]-(:Graphlet)
  WITH e.cost_unit AS cost_unit,
       sum(e.cost / COUNT { (e)<-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]-() }) AS attributed
  RETURN cost_unit, 0.0 AS total, 0.0 AS outside, attributed, 0.0 AS wasted,
         0 AS wasted_executions, 0.0 AS undecided
  UNION ALL
  MATCH (e:Execution)
  WHERE EXISTS { (e)<-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]-() }
    AND NOT EXISTS { (e)<-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]-(used:Graphlet)
                     WHERE used.pushed OR used.state = 'open' }
    AND ($source IS NULL OR e.source = $source)
    AND ($pipeline IS NULL OR e.pipeline = $pipeline)
    AND ($since IS NULL OR coalesce(e.started, e.created) >= datetime($since))
    AND ($until IS NULL OR coalesce(e.started, e.created) < datetime($until))
  WITH e.cost_unit AS cost_unit, sum(e.cost) AS wasted, count(*) AS wasted_executions
  RETURN cost_unit, 0.0 AS total, 0.0 AS outside, 0.0 AS attributed, wasted, wasted_executions,
         0.0 AS undecided
  UNION ALL
  MATCH (g:Graphlet)
  WHERE g.state = 'open' AND NOT g.pushed
  MATCH (g)-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]->(e:Execution)
  WITH DISTINCT e
  WHERE NOT EXISTS { (e)<-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]-(used:Graphlet)
                     WHERE used.pushed }
    AND ($source IS NULL OR e.source = $source)
    AND ($pipeline IS NULL OR e.pipeline = $pipeline)
    AND ($since IS NULL OR coalesce(e.started, e.created) >= datetime($since))
    AND ($until IS NULL OR coalesce(e.started, e.created) < datetime($until))
  WITH e.cost_unit AS cost_unit, sum(e.cost) AS undecided
  RETURN cost_unit, 0.0 AS total, 0.0 AS outside, 0.0 AS attributed, 0.0 AS wasted,
         0 AS wasted_executions, undecided
}
WITH cost_unit, sum(attributed) AS attributed, sum(outside) AS outside, sum(total) AS total,
     sum(wasted) AS wasted, sum(wasted_executions) AS wasted_executions,
     sum(undecided) AS undecided
WHERE total > 0 OR attributed > 0
WITH *, attributed + outside - total AS gap
RETURN cost_unit, attributed, outside, total,
       CASE WHEN abs(gap) <= 1e-9 * total THEN 0.0 ELSE gap END AS difference,
       wasted, CASE WHEN total > 0 THEN wasted / total ELSE 0.0 END AS wasted_share,
       wasted_executions, undecided
ORDER BY cost_unit
