// What failed or was given up, where, and what did it cost?
//
// returns pipeline: STRING, the pipeline, or null
// returns operator: STRING, node or task
// returns state: STRING, `FAILED`, `CANCELED` or `ABANDONED`
// returns executions: INTEGER, how many
// returns cost: FLOAT, of them
// returns cost_unit: STRING, its unit, or null where no cost is known
// returns latest: DATETIME, when the last of them started
// returns example: STRING, key of that one
MATCH (e:Execution)
WHERE e.state IN ['FAILED', 'CANCELED', 'ABANDONED'] OR e.abandoned
WITH e, CASE WHEN e.abandoned THEN 'ABANDONED' ELSE e.state END AS state
ORDER BY e.started IS NULL, e.started DESC, e.key
RETURN e.pipeline AS pipeline, coalesce(e.node, e.type) AS operator, state,
       count(*) AS executions, sum(e.cost) AS cost, e.cost_unit AS cost_unit,
       max(e.started) AS latest, head(collect(e.key)) AS example
ORDER BY cost_unit, cost DESC, executions DESC, pipeline, operator, state
LIMIT 200
