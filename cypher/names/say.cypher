// Write down which names a source says are of one data set.
//
// $source: STRING, the source's name
// $rows: LIST<MAP>, key, left, right and why
// returns said: INTEGER, pairs that it had not said before
// :param source => ''
// :param rows => []
UNWIND $rows AS row
MERGE (n:Alias {key: row.key})
ON CREATE SET n.source = $source, n.left = row.left, n.right = row.right, n.why = row.why,
              n.name = row.left + ' = ' + row.right, n.fresh = true
WITH n, n.fresh IS NOT NULL AS fresh
REMOVE n.fresh
RETURN sum(CASE WHEN fresh THEN 1 ELSE 0 END) AS said
ORDER BY said
