// Records that could not be used, by reason.
//
// returns source: STRING, where they come from
// returns kind: STRING, kind of record
// returns reason: STRING, why
// returns records: INTEGER, how many
// returns positions: LIST<STRING>, where the first five stood
MATCH (x:SetAside)
WITH x ORDER BY x.position
RETURN x.source AS source, x.kind AS kind, x.reason AS reason, count(*) AS records,
       collect(x.position)[..5] AS positions
ORDER BY records DESC, source, kind, reason
LIMIT 200
