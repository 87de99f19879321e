// Class examples as spans again when no transformation is left that made them.
//
// $prefix: STRING, what the keys of the source begin with
// returns changed: INTEGER, artifacts whose class changed
// :param prefix => ''
CALL () {
  MATCH (e:Unsegmented)
  WHERE e:Execution
  MATCH (e)-[:OUTPUT|REPUBLISHED]->(a:Transform)
  RETURN a
  UNION
  MATCH (a:Unsegmented)
  WHERE a:Transform
  RETURN a
}
WITH a
WHERE a.follows_producer AND (a.key STARTS WITH $prefix OR a.dataset IS NOT NULL)
  AND NOT EXISTS { (a)<-[:OUTPUT|REPUBLISHED]-(:Transformation) }
REMOVE a:Transform
SET a:Span:Unsegmented, a.artifact = 'span'
RETURN count(a) AS changed
ORDER BY changed
