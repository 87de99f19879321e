// Operators that wrote different content from the same inputs: they are counted as no repeats.
//
// $source: STRING, only this source, or null for all
// $pipeline: STRING, only this pipeline, or null for all
// $since: STRING, only what started at this time (ISO 8601) or later, or null
// $until: STRING, only what started before this time, or null
// returns operator: STRING, operator class
// returns type: STRING, native type
// returns executions: INTEGER, executions that have an equivalent which wrote something else
// returns computations: INTEGER, how many different computations those are
// returns cost: FLOAT, what these executions cost
// returns cost_unit: STRING, unit of the row's cost; units are never mixed
// returns example: STRING, key of one of them
// :param source => null
// :param pipeline => null
// :param since => null
// :param until => null
MATCH (e:Execution)
WHERE e.signature IS NOT NULL AND e.unstable
  AND ($source IS NULL OR e.source = $source)
  AND ($pipeline IS NULL OR e.pipeline = $pipeline)
  AND ($since IS NULL OR e.started >= datetime($since))
  AND ($until IS NULL OR e.started < datetime($until))
RETURN e.operator AS operator, e.type AS type, count(*) AS executions,
       count(DISTINCT e.signature) AS computations, sum(e.cost) AS cost,
       e.cost_unit AS cost_unit, min(e.key) AS example
ORDER BY cost_unit, cost DESC, operator, type
