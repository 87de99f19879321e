// Windows that slide: work on spans that the execution before it had done already.
//
// Looks at executions of classes that decompose over spans, that read two spans or more, and
// compares each with the one before it of the same node, code and parameters. Assumes that their
// cost grows with the number of spans, and that results for single spans could be kept and merged:
// then the share of spans that both read is the share of cost that computing incrementally saves.
// What repeats another as a whole is left out; it is counted there.
//
// $source: STRING, only this source, or null for all
// $pipeline: STRING, only this pipeline, or null for all
// $since: STRING, only what started at this time (ISO 8601) or later, or null
// $until: STRING, only what started before this time, or null
// $decomposable: LIST<STRING>, operator classes that decompose over spans
// returns operator: STRING, operator class
// returns type: STRING, native type
// returns executions: INTEGER, executions that have one before them
// returns overlapping: INTEGER, of these, those that share spans with it
// returns spans: FLOAT, spans that each read, on average
// returns overlap: FLOAT, share of these that the one before had read, on average, 0 to 1
// returns saved: FLOAT, cost that computing incrementally would save, under that assumption
// returns cost_unit: STRING, unit of the row's cost; units are never mixed
// :param source => null
// :param pipeline => null
// :param since => null
// :param until => null
// :param decomposable => ['analysis', 'transformation']
MATCH (e:Analysis|Transformation|Validation|Evaluation|Other|Ingestion)
WHERE e.recipe IS NOT NULL AND e.operator IN $decomposable
  AND ($source IS NULL OR e.source = $source)
  AND ($pipeline IS NULL OR e.pipeline = $pipeline)
  AND ($since IS NULL OR e.started >= datetime($since))
  AND ($until IS NULL OR e.started < datetime($until))
  AND COUNT { (e)<-[:INPUT]-() } > 1
WITH e, COLLECT { MATCH (e)<-[:INPUT]-(s:Span) RETURN DISTINCT coalesce(s.same, s.content) } AS read
WHERE size(read) > 1
WITH e, read ORDER BY e.started, e.key
WITH e.source AS source, e.pipeline AS pipeline, e.node AS node, e.type AS type,
     e.operator AS operator, e.recipe AS recipe, e.cost_unit AS cost_unit,
     collect({cost: e.cost, read: read, again: EXISTS { (e)-[:REPEATS]->() }}) AS line
UNWIND range(1, size(line) - 1) AS i
WITH operator, type, cost_unit, line[i] AS now, line[i - 1].read AS before
WHERE NOT now.again
WITH operator, type, cost_unit, now.cost AS cost, size(now.read) AS spans,
     toFloat(size([s IN now.read WHERE s IN before])) / size(now.read) AS overlap
RETURN operator, type, count(*) AS executions,
       sum(CASE WHEN overlap > 0 THEN 1 ELSE 0 END) AS overlapping, avg(spans) AS spans,
       avg(overlap) AS overlap, sum(cost * overlap) AS saved, cost_unit
ORDER BY cost_unit, saved DESC, operator, type
