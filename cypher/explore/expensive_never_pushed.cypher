// The most expensive graphlets whose model was never pushed, for each unit of cost.
//
// Open graphlets are left out: they may be pushed yet.
//
// returns graphlet: STRING, its name
// returns pipeline: STRING, its pipeline, or null
// returns started: DATETIME, when its trainer started
// returns cost: FLOAT, of all its executions
// returns alone: FLOAT, of those that are in no other graphlet: saved, had it never been made
// returns cost_unit: STRING, unit of both
// returns executions: INTEGER, how many
// returns key: STRING, the graphlet's key
MATCH (any:Graphlet)
WITH DISTINCT any.cost_unit AS cost_unit
WHERE cost_unit IS NOT NULL
CALL (cost_unit) {
  MATCH (g:Graphlet)
  WHERE g.cost_unit = cost_unit AND NOT g.pushed AND g.state = 'complete'
  RETURN g ORDER BY g.cost DESC, g.key LIMIT 25
}
RETURN g.name AS graphlet, g.pipeline AS pipeline, g.started AS started, g.cost AS cost,
       reduce(sum = 0.0, c IN COLLECT {
         MATCH (g)-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]->(e:Execution)
         WHERE COUNT { (e)<-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]-() } = 1
           AND e.cost_unit = cost_unit AND e.cost IS NOT NULL
         RETURN e.cost ORDER BY e.key
       } | sum + c) AS alone,
       cost_unit, g.executions AS executions, g.key AS key
ORDER BY cost_unit, cost DESC, key
