// Executions that are running, or that stopped saying so and were never ended.
//
// returns state: STRING, `RUNNING` or `ABANDONED`
// returns name: STRING, the execution
// returns pipeline: STRING, its pipeline, or null
// returns class: STRING, operator class
// returns started: DATETIME, when it started
// returns last_sign: DATETIME, when its record last changed
// returns open_graphlets: INTEGER, graphlets that it is in
// returns source: STRING, where it comes from
// returns key: STRING, its key
MATCH (e:Execution)
WHERE e.state IN ['RUNNING', 'ABANDONED'] OR e.abandoned
WITH e, CASE WHEN e.abandoned THEN 'ABANDONED' ELSE e.state END AS state
ORDER BY state DESC, e.started IS NULL, e.started DESC, e.key
LIMIT 100
RETURN state, e.name AS name, e.pipeline AS pipeline, e.operator AS class, e.started AS started,
       e.updated AS last_sign,
       COUNT { (e)<-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]-() } AS open_graphlets,
       e.source AS source, e.key AS key
ORDER BY state DESC, started IS NULL, started DESC, key
