// Class the examples that a transformation made, cached ones included, as transforms.
//
// $prefix: STRING, what the keys of the source begin with
// returns changed: INTEGER, artifacts whose class changed
// :param prefix => ''
MATCH (e:Transformation)-[:OUTPUT|REPUBLISHED]->(a:Span)
WHERE a.follows_producer AND e.key STARTS WITH $prefix
WITH DISTINCT a
REMOVE a:Span
SET a:Transform, a.artifact = 'transform'
RETURN count(a) AS changed
ORDER BY changed
