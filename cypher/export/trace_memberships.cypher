// Every membership of one source, as `lineage export trace` writes them.
//
// $prefix: STRING, what the keys of the source begin with
// returns member_kind: STRING, label of the member
// returns member: STRING, native id
// returns container_kind: STRING, label of the container
// returns container: STRING, native id
// :param prefix => ''
MATCH (c:Pipeline|Run|Context)
WHERE c.key STARTS WITH $prefix
WITH c ORDER BY c.key
MATCH (m:Pipeline|Run|Context|Execution|Artifact)-[:IN_RUN|IN_PIPELINE|IN_CONTEXT|OF|PART_OF]->(c)
RETURN head([l IN labels(m) WHERE l IN ['Pipeline', 'Run', 'Context', 'Execution', 'Artifact']])
         AS member_kind,
       m.source_id AS member,
       head([l IN labels(c) WHERE l IN ['Pipeline', 'Run', 'Context']]) AS container_kind,
       c.source_id AS container
ORDER BY c.key, m.key
