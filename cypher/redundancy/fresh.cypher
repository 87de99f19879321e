// Sources whose executions were never compared, as after a bulk load, or all.
//
// $all: BOOLEAN, every source
// returns source: STRING, its name
// :param all => false
MATCH (s:Source)
WHERE $all OR s.closed IS NULL
RETURN s.key AS source
ORDER BY source
