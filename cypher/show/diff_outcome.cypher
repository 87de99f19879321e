// What became of the models of two graphlets: what evaluations, blessings and deployments say.
//
// Of each type of artifact that a graphlet's descendants wrote the newest one speaks.
//
// $a: STRING, key of the first graphlet
// $b: STRING, key of the second
// returns side: STRING, `a` or `b`
// returns type: STRING, native type of the artifact
// returns key: STRING, its key
// returns properties: MAP, all of them
// :param a => ''
// :param b => ''
UNWIND [$a, $b] AS key
MATCH (:Graphlet {key: key})-[:DESCENDANT]->(x:Artifact&(Model|Evaluation|Blessing|Deployment))
WITH CASE key WHEN $a THEN 'a' ELSE 'b' END AS side, x.type AS type,
     max([coalesce(x.created.epochMillis, -1), coalesce(toIntegerOrNull(x.source_id), -1), x.key,
          x])[3] AS newest
RETURN side, type, newest.key AS key, properties(newest) AS properties
ORDER BY type, side
