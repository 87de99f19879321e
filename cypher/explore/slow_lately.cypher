// Which operators have been slow in the last seven days, held against their own median before?
//
// The days are counted back from the newest time of each source.
//
// returns pipeline: STRING, the pipeline, or null
// returns operator: STRING, node or task
// returns ratio: FLOAT, recent over earlier
// returns recent: FLOAT, median seconds of the last seven days
// returns earlier: FLOAT, median seconds before
// returns recent_executions: INTEGER, how many are recent
// returns earlier_executions: INTEGER, how many are earlier
// returns source: STRING, where they come from
MATCH (s:Source)
WHERE s.newest > 0
WITH collect({source: s.name, since: s.newest - 7 * 86400000}) AS sources
MATCH (e:Execution)
WHERE e.state = 'COMPLETE' AND e.ended IS NOT NULL
WITH e.source AS source, e.pipeline AS pipeline, coalesce(e.node, e.type) AS operator,
     e.started.epochMillis AS begin, e.ended.epochMillis AS finish, sources
WHERE begin < finish
WITH source, pipeline, operator, (finish - begin) / 1000.0 AS seconds,
     any(s IN sources WHERE s.source = source AND s.since <= begin) AS late
WITH source, pipeline, operator,
     percentileCont(CASE WHEN late THEN seconds END, 0.5) AS recent,
     percentileCont(CASE WHEN NOT late THEN seconds END, 0.5) AS earlier,
     sum(CASE WHEN late THEN 1 ELSE 0 END) AS recent_executions,
     sum(CASE WHEN late THEN 0 ELSE 1 END) AS earlier_executions
WHERE recent IS NOT NULL AND earlier_executions >= 3
RETURN pipeline, operator, recent / earlier AS ratio, recent, earlier, recent_executions,
       earlier_executions, source
ORDER BY ratio DESC, recent DESC, source, pipeline, operator
LIMIT 50
