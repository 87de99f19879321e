// What was computed again: how often, and the cost that using the first result would have saved.
//
// A repeat started after the original had ended. Where the code's version is not known, the match
// is assumed; assumed and proven ones are kept apart, and so are those that ran at the same time
// and could not have known of each other. Filters choose the execution that repeats.
//
// $source: STRING, only this source, or null for all
// $pipeline: STRING, only this pipeline, or null for all
// $since: STRING, only what started at this time (ISO 8601) or later, or null
// $until: STRING, only what started before this time, or null
// returns cost_unit: STRING, unit of the row's costs; units are never mixed
// returns certainty: STRING, `proven` or `assumed`
// returns repeats: INTEGER, executions that did again what another had done
// returns saved: FLOAT, what these repeats cost
// returns share: FLOAT, that, of the cost of all executions, 0 to 1
// returns concurrent: INTEGER, executions that overlapped with one that did the same
// returns concurrent_cost: FLOAT, what those that overlapped cost
// :param source => null
// :param pipeline => null
// :param since => null
// :param until => null
CALL () {
  MATCH (e:Execution)
  WHERE ($source IS NULL OR e.source = $source)
  AND ($pipeline IS NULL OR e.pipeline = $pipeline)
  AND ($since IS NULL OR e.started >= datetime($since))
  AND ($until IS NULL OR e.started < datetime($until))
  RETURN e.cost_unit AS cost_unit, sum(e.cost) AS total
}
WITH collect({unit: cost_unit, total: total}) AS totals
MATCH (e)-[link:REPEATS|CONCURRENT]->()
WHERE ($source IS NULL OR e.source = $source)
  AND ($pipeline IS NULL OR e.pipeline = $pipeline)
  AND ($since IS NULL OR e.started >= datetime($since))
  AND ($until IS NULL OR e.started < datetime($until))
WITH totals, e.cost_unit AS cost_unit,
     CASE WHEN link.assumed THEN 'assumed' ELSE 'proven' END AS certainty,
     sum(CASE type(link) WHEN 'REPEATS' THEN 1 ELSE 0 END) AS repeats,
     sum(CASE type(link) WHEN 'REPEATS' THEN e.cost ELSE 0.0 END) AS saved,
     sum(CASE type(link) WHEN 'REPEATS' THEN 0 ELSE 1 END) AS concurrent,
     sum(CASE type(link) WHEN 'REPEATS' THEN 0.0 ELSE e.cost END) AS concurrent_cost
WITH *, head([one IN totals WHERE one.unit = cost_unit | one.total]) AS total
RETURN cost_unit, certainty, repeats, saved,
       CASE WHEN total > 0 THEN saved / total ELSE 0.0 END AS share, concurrent, concurrent_cost
ORDER BY cost_unit, certainty DESC
