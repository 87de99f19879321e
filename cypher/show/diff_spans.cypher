// What spans two graphlets were trained on: in both, in the second only, in the first only.
//
// As for NEXT, spans are compared by content where a digest is known, else by identity.
//
// $a: STRING, key of the first graphlet
// $b: STRING, key of the second
// $limit: INTEGER, items of each branch at most
// returns branch: STRING, shared, added (only the second has it) or removed (only the first)
// returns total: INTEGER, how many there are
// returns items: LIST<MAP>, kind, key, name, class and uri of each
// :param a => ''
// :param b => ''
// :param limit => 20
UNWIND [$a, $b] AS side
MATCH (:Graphlet {key: side})-[:SPAN]->(s:Artifact)
WITH coalesce('digest ' + s.digest, s.key) AS content, side, s
ORDER BY s.key
WITH content, collect(DISTINCT side) AS sides, head(collect(s)) AS s
WITH CASE WHEN size(sides) = 2 THEN 'shared' WHEN sides[0] = $a THEN 'removed' ELSE 'added' END
       AS branch, s
ORDER BY s.created, s.key
WITH branch,
     collect({kind: 'artifact', key: s.key, name: s.name, class: s.artifact, uri: s.uri}) AS items
RETURN branch, size(items) AS total, items[..$limit] AS items
ORDER BY branch
