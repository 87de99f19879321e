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
WITH e, COUNT { (e)<-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]-() } AS holders
WHERE holders > 1
WITH e, holders ORDER BY holders DESC, coalesce(e.cost, 0.0) DESC, e.key LIMIT 50
RETURN holders, e.name AS name, e.operator AS class, e.pipeline AS pipeline,
       COUNT { MATCH (e)<-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]-(g:Graphlet)
               RETURN DISTINCT g.pipeline } AS pipelines,
       e.cost AS cost, e.cost_unit AS cost_unit, e.key AS key
ORDER BY holders DESC, coalesce(cost, 0.0) DESC, key
