// Sources that were never segmented, as after a bulk load, or all.
//
// $all: BOOLEAN, every source
// returns source: STRING, its name
// :param all => false
MATCH (s:Source)
WHERE $all OR s.segmented IS NULL
RETURN s.key AS source
ORDER BY source
