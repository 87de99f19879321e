// Note how far back sources are kept: loading one again does not bring back what is older.
//
// $source: STRING, only this source, or null for all
// $before: STRING, ISO 8601
// returns source: STRING, its name
// returns horizon: DATETIME, how far back it is kept; never moved to an earlier time
// :param source => null
// :param before => '1970-01-01T00:00:00+00:00'
MATCH (s:Source)
WHERE $source IS NULL OR s.key = $source
SET s.horizon = CASE WHEN s.horizon > datetime($before) THEN s.horizon ELSE datetime($before) END
RETURN s.key AS source, s.horizon AS horizon
ORDER BY source
