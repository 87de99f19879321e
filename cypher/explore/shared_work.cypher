// Work that the most models rest on: executions that many graphlets hold.
//
// returns holders: INTEGER, graphlets that contain it
// returns name: STRING, the execution
// returns class: STRING, operator class
// returns pipeline: STRING, its pipeline, or null
// returns pipelines: INTEGER, pipelines of those graphlets
// returns cost: FLOAT, paid once
// returns cost_unit: STRING, its unit
// returns key: STRING, its key
MATCH (e:Execution)
WHERE e.holders > 1
WITH e ORDER BY e.holders DESC, coalesce(e.cost, 0.0) DESC, e.key LIMIT 50
RETURN e.holders AS holders, e.name AS name, e.operator AS class, e.pipeline AS pipeline,
       COUNT { MATCH (e)<-[:CONTAINS]-(g:Graphlet) RETURN DISTINCT g.pipeline } AS pipelines,
       e.cost AS cost, e.cost_unit AS cost_unit, e.key AS key
ORDER BY holders DESC, coalesce(cost, 0.0) DESC, key
