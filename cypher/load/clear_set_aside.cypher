// Forget what earlier loads of a source set aside, before a whole load says it anew.
//
// $source: STRING, the source's name
// returns cleared: INTEGER, how many
// :param source => ''
MATCH (:Source {key: $source})<-[:LOADED]-(:Load)-[:FOUND]->(x:SetAside)
WITH DISTINCT x
DETACH DELETE x
RETURN count(*) AS cleared
ORDER BY cleared
