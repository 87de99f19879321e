// Class the examples that a transformation made, cached ones included, as transforms.
//
// Versions of data sets that all sources share have no source of their own: they are always looked at.
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
WHERE a.follows_producer AND (a.dataset IS NOT NULL OR a.key STARTS WITH $prefix)
CALL (a) {
  REMOVE a:Span
  SET a:Transform:Unsegmented, a.artifact = 'transform'
} IN TRANSACTIONS OF 20000 ROWS
RETURN count(*) AS changed
ORDER BY changed
