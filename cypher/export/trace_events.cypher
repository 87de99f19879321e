// Every event of one source, as `lineage export trace` writes them.
//
// What was read by name is an input of that name: the version is found again when it is loaded.
//
// $prefix: STRING, what the keys of the source begin with
// returns execution: STRING, native id
// returns artifact: STRING, native id
// returns type: STRING, relationship type
// returns role: STRING, what the artifact was to the execution
// returns index: INTEGER, its place in that role, or null
// returns time: INTEGER, ms since 1970, or null
// :param prefix => ''
MATCH (e:Execution)
WHERE e.key STARTS WITH $prefix
WITH e ORDER BY e.key
MATCH (e)-[r:INPUT|NAMED_INPUT|OUTPUT|REFERENCE|REPUBLISHED|INTERNAL_INPUT|INTERNAL_OUTPUT|PENDING_OUTPUT]-(a:Artifact)
WHERE r.named IS NULL
WITH e, a, r, CASE type(r) WHEN 'NAMED_INPUT' THEN 'INPUT' ELSE type(r) END AS type
RETURN e.source_id AS execution, a.source_id AS artifact, type,
       r.role AS role, r.index AS index, r.time.epochMillis AS time
ORDER BY e.key, type, r.name, a.key
