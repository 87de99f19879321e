// Executions that are part of no model's story, and what they cost.
//
// Cached executions and resolvers are in none by definition; they cost nothing.
//
// returns class: STRING, operator class
// returns type: STRING, native type
// returns state: STRING, as the source says
// returns executions: INTEGER, how many
// returns cost: FLOAT, of them
// returns cost_unit: STRING, its unit, or null where no cost is known
// returns example: STRING, key of one
MATCH (e:Execution)
WHERE NOT EXISTS { (e)<-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]-() }
RETURN e.operator AS class, e.type AS type, e.state AS state, count(*) AS executions,
       sum(e.cost) AS cost, e.cost_unit AS cost_unit, min(e.key) AS example
ORDER BY cost_unit, cost DESC, executions DESC, class, type, state
LIMIT 100
