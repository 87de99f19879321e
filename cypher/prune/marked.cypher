// What is marked to be removed, by kind, and what it cost.
//
// returns kind: STRING, Graphlet, Execution, Artifact, Run or Context
// returns count: INTEGER, how many
// returns cost_unit: STRING, of executions; null where none is known
// returns cost: FLOAT, of executions
MATCH (n:Prunable)
WITH n, head([label IN labels(n) WHERE label IN ['Graphlet', 'Execution', 'Artifact', 'Run',
                                                'Context']]) AS kind
WITH kind, CASE kind WHEN 'Execution' THEN n.cost_unit END AS cost_unit, count(*) AS count,
     sum(CASE kind WHEN 'Execution' THEN n.cost END) AS cost
RETURN kind, count, cost_unit, cost
ORDER BY kind, cost_unit
