// How many pipelines have each class of operator, and how often it fails.
//
// $source: STRING, only this source, or null for all
// $pipeline: STRING, only this pipeline, or null for all
// $since: STRING, only what started at this time (ISO 8601) or later, or null
// $until: STRING, only what started before this time, or null
// returns operator: STRING, operator class
// returns pipelines: INTEGER, pipelines that have one
// returns pipelines_share: FLOAT, these, of the pipelines with executions, 0 to 1
// returns executions: INTEGER, executions of the class
// returns cached: INTEGER, of these, those that handed on what there was
// returns ended: INTEGER, of these, those that ran and run no more
// returns failed: INTEGER, those that failed
// returns failed_share: FLOAT, failed, of those that ended, 0 to 1
// :param source => null
// :param pipeline => null
// :param since => null
// :param until => null
MATCH (e:Execution)
WHERE ($source IS NULL OR e.source = $source)
    AND ($pipeline IS NULL OR e.pipeline = $pipeline)
    AND ($since IS NULL OR coalesce(e.started, e.created) >= datetime($since))
    AND ($until IS NULL OR coalesce(e.started, e.created) < datetime($until))
WITH e.operator AS operator, e.source AS source, e.pipeline AS pipeline, e.state AS state,
     count(*) AS executions
WITH collect({operator: operator, pipeline: CASE WHEN pipeline IS NOT NULL
               THEN [source, pipeline] END, state: state, executions: executions}) AS cells
CALL (cells) {
  UNWIND cells AS cell
  RETURN count(DISTINCT cell.pipeline) AS total
}
UNWIND cells AS cell
WITH total, cell.operator AS operator, count(DISTINCT cell.pipeline) AS pipelines,
     sum(cell.executions) AS executions,
     sum(CASE cell.state WHEN 'CACHED' THEN cell.executions ELSE 0 END) AS cached,
     sum(CASE WHEN cell.state IN ['CACHED', 'RUNNING'] THEN 0 ELSE cell.executions END) AS ended,
     sum(CASE cell.state WHEN 'FAILED' THEN cell.executions ELSE 0 END) AS failed
RETURN operator, pipelines,
       CASE WHEN total > 0 THEN toFloat(pipelines) / total ELSE 0.0 END AS pipelines_share,
       executions, cached, ended, failed,
       CASE WHEN ended > 0 THEN toFloat(failed) / ended ELSE 0.0 END AS failed_share
ORDER BY pipelines DESC, executions DESC, operator
