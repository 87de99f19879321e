// Class the examples that a transformation made, cached ones included, as transforms.
//
// Data sets that all sources name the same are of no source, and looked at with any.
//
// $prefix: STRING, what the keys of the source begin with
// returns changed: INTEGER, artifacts whose class changed
// :param prefix => ''
// :auto
CALL () {
  MATCH (e:Unsegmented)
  WHERE e:Transformation
  MATCH (e)-[:OUTPUT|REPUBLISHED]->(a:Span)
  RETURN a
  UNION
  MATCH (a:Unsegmented)
  WHERE a:Span AND EXISTS { (a)<-[:OUTPUT|REPUBLISHED]-(:Transformation) }
  RETURN a
}
WITH a
WHERE a.follows_producer AND (a.key STARTS WITH $prefix OR a.dataset IS NOT NULL)
CALL (a) {
  REMOVE a:Span
  SET a:Transform:Unsegmented, a.artifact = 'transform'
} IN TRANSACTIONS OF 20000 ROWS
RETURN count(*) AS changed
ORDER BY changed
