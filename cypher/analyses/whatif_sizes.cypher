// How large artifacts of each type are, where sizes are known.
//
// returns type: STRING, native type
// returns known: INTEGER, artifacts of known size
// returns size: FLOAT, their median, bytes
MATCH (a:Artifact)
WHERE a.size >= 0
RETURN a.type AS type, count(*) AS known, percentileCont(a.size, 0.5) AS size
ORDER BY type
