// The computations that were repeated at the highest cost, each with a witness.
//
// Filters choose the executions that repeat. The output of the original still exists as far as its
// source says: `live`, `deleted`, `unknown` where it says nothing, `none` where there is none.
//
// $source: STRING, only this source, or null for all
// $pipeline: STRING, only this pipeline, or null for all
// $since: STRING, only what started at this time (ISO 8601) or later, or null
// $until: STRING, only what started before this time, or null
// $limit: INTEGER, how many at most, or null for all
// returns original: STRING, key of the execution that was the first to end
// returns name: STRING, its name
// returns type: STRING, its native type
// returns pipeline: STRING, its pipeline
// returns source: STRING, its source
// returns repeats: INTEGER, executions that did it again
// returns concurrent: INTEGER, executions that did it at the same time, whatever the filters
// returns assumed: BOOLEAN, whether the match rests on code of unknown version
// returns pipelines: INTEGER, pipelines that did it again
// returns saved: FLOAT, what the repeats cost
// returns cost_unit: STRING, unit of that cost; a row for each
// returns first: DATETIME, when it was first done
// returns last: DATETIME, when it was last begun again
// returns output: STRING, whether the original's output still exists
// returns witness: STRING, key of the repeat that cost most
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
WITH o, e, link ORDER BY e.cost DESC, e.key
WITH o, e.cost_unit AS cost_unit, count(*) AS repeats, count(DISTINCT [e.source, e.pipeline]) AS pipelines,
     sum(e.cost) AS saved, max(e.started) AS last, head(collect(e.key)) AS witness,
     count(link.assumed) > 0 AS assumed
ORDER BY saved DESC, o.key, cost_unit
LIMIT coalesce($limit, 9223372036854775807)
WITH *, COLLECT { MATCH (o)-[:OUTPUT]->(a)
                  RETURN DISTINCT CASE WHEN a.state IS NULL THEN 'unknown'
                    WHEN a.state IN ['DELETED', 'MARKED_FOR_DELETION', 'ABANDONED'] THEN 'deleted'
                    ELSE 'live' END } AS outputs
RETURN o.key AS original, o.name AS name, o.type AS type, o.pipeline AS pipeline, o.source AS source, repeats,
       COUNT { (o)<-[:CONCURRENT]-() } AS concurrent, assumed, pipelines, saved,
       cost_unit, o.started AS first, last,
       CASE WHEN size(outputs) = 0 THEN 'none' WHEN 'deleted' IN outputs THEN 'deleted'
            WHEN 'unknown' IN outputs THEN 'unknown' ELSE 'live' END AS output, witness
ORDER BY saved DESC, original, cost_unit
