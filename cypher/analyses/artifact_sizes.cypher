// The median size of artifacts whose size is known, by native type.
//
// returns type: STRING, native type
// returns artifacts: INTEGER, whose size is known
// returns median: FLOAT, bytes
MATCH (a:Artifact)
WHERE a.size IS NOT NULL
RETURN a.type AS type, count(*) AS artifacts, percentileDisc(a.size, 0.5) * 1.0 AS median
ORDER BY type
