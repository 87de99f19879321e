// Write down what a load set aside.
//
// $load: STRING, key of the load
// $source: STRING, the source's name
// $rows: LIST<MAP>, key, kind, position and reason
// returns kept: INTEGER, how many
// :param load => ''
// :param source => ''
// :param rows => []
MATCH (this:Load {key: $load})
UNWIND $rows AS row
MERGE (x:SetAside {key: row.key})
SET x.source = $source, x.kind = row.kind, x.position = row.position, x.reason = row.reason,
    x.name = row.kind + ' at ' + row.position
MERGE (this)-[:FOUND]->(x)
RETURN count(*) AS kept
ORDER BY kept
