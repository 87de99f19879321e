// What did each class of operator cost, week by week?
//
// returns week: DATE, its Monday
// returns class: STRING, operator class
// returns executions: INTEGER, executions that started in it
// returns cost: FLOAT, of them
// returns cost_unit: STRING, its unit
MATCH (e:Execution)
WHERE e.started IS NOT NULL AND e.cost IS NOT NULL
RETURN date.truncate('week', e.started) AS week, e.operator AS class, count(*) AS executions,
       sum(e.cost) AS cost, e.cost_unit AS cost_unit
ORDER BY week DESC, cost_unit, cost DESC, class
LIMIT 500
