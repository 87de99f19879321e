// What was computed again, by class of operator and by native type.
//
// Filters choose the execution that repeats. Executions are read as they are stored: nearly all have
// a signature, and in its order a graph that is larger than memory would be read page by page.
//
// $source: STRING, only this source, or null for all
// $pipeline: STRING, only this pipeline, or null for all
// $since: STRING, only what started at this time (ISO 8601) or later, or null
// $until: STRING, only what started before this time, or null
// returns operator: STRING, operator class
// returns type: STRING, native type
// returns executions: INTEGER, executions of this type that could be compared
// returns repeats: INTEGER, of these, those that did again what another had done
// returns assumed: INTEGER, of the repeats, those that rest on code of unknown version
// returns within: INTEGER, of the repeats, those in the original's pipeline
// returns saved: FLOAT, what the repeats cost
// returns cost_unit: STRING, unit of the row's cost; units are never mixed
// returns share: FLOAT, that, of the cost of those that could be compared, 0 to 1
// :param source => null
// :param pipeline => null
// :param since => null
// :param until => null
MATCH (e:Execution)
USING SCAN e:Execution
WHERE e.signature IS NOT NULL
  AND ($source IS NULL OR e.source = $source)
  AND ($pipeline IS NULL OR e.pipeline = $pipeline)
  AND ($since IS NULL OR e.started >= datetime($since))
  AND ($until IS NULL OR e.started < datetime($until))
OPTIONAL MATCH (e)-[link:REPEATS]->(o)
WITH e.operator AS operator, e.type AS type, e.cost_unit AS cost_unit, count(*) AS executions,
     count(link) AS repeats, count(link.assumed) AS assumed,
     sum(CASE WHEN link IS NOT NULL AND o.source = e.source AND o.pipeline = e.pipeline
              THEN 1 ELSE 0 END) AS within,
     sum(CASE WHEN link IS NOT NULL THEN e.cost ELSE 0.0 END) AS saved, sum(e.cost) AS total
WHERE repeats > 0
RETURN operator, type, executions, repeats, assumed, within, saved, cost_unit,
       CASE WHEN total > 0 THEN saved / total ELSE 0.0 END AS share
ORDER BY cost_unit, saved DESC, operator, type
