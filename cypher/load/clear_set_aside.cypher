// Forget what earlier loads of a source set aside, before a whole load says it anew.
//
// A subject whose events cannot be folded stays until it is folded anew: a load that has nothing new
// of it does not look at it.
//
// $source: STRING, the source's name
// $lasting: STRING, kind of what stays
// $refolded: LIST<STRING>, positions of that kind that do not
// returns cleared: INTEGER, how many
// :param source => ''
// :param lasting => 'openlineage subject'
// :param refolded => []
MATCH (:Source {key: $source})<-[:LOADED]-(:Load)-[:FOUND]->(x:SetAside)
WHERE x.kind <> $lasting OR x.position IN $refolded
WITH DISTINCT x
DETACH DELETE x
RETURN count(*) AS cleared
ORDER BY cleared
