// Which pipeline computed again what which other one had computed.
//
// Filters choose the execution that repeats.
//
// $source: STRING, only this source, or null for all
// $pipeline: STRING, only this pipeline, or null for all
// $since: STRING, only what started at this time (ISO 8601) or later, or null
// $until: STRING, only what started before this time, or null
// $limit: INTEGER, how many at most, or null for all
// returns pipeline: STRING, the pipeline that repeats
// returns source: STRING, its source
// returns original_pipeline: STRING, the pipeline that had done it
// returns original_source: STRING, that one's source
// returns repeats: INTEGER, executions that did it again
// returns assumed: INTEGER, of these, those that rest on code of unknown version
// returns types: LIST<STRING>, their native types, most costly first
// returns saved: FLOAT, what the repeats cost
// returns cost_unit: STRING, unit of the row's cost; units are never mixed
// :param source => null
// :param pipeline => null
// :param since => null
// :param until => null
// :param limit => 20
MATCH (e)-[link:REPEATS]->(o)
WHERE ($source IS NULL OR e.source = $source)
  AND ($pipeline IS NULL OR e.pipeline = $pipeline)
  AND ($since IS NULL OR e.started >= datetime($since))
  AND ($until IS NULL OR e.started < datetime($until))
WITH e.pipeline AS pipeline, e.source AS source, o.pipeline AS original_pipeline,
     o.source AS original_source, e.cost_unit AS cost_unit, e.type AS type, count(*) AS some,
     count(link.assumed) AS guessed, sum(e.cost) AS cost
ORDER BY cost DESC, type
WITH pipeline, source, original_pipeline, original_source, cost_unit, sum(some) AS repeats,
     sum(guessed) AS assumed, collect(type) AS types, sum(cost) AS saved
RETURN pipeline, source, original_pipeline, original_source, repeats, assumed, types, saved,
       cost_unit
ORDER BY cost_unit, saved DESC, pipeline, original_pipeline, source, original_source
LIMIT coalesce($limit, 9223372036854775807)
