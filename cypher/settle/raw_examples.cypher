// Class examples as spans again when no transformation is left that made them.
//
// $prefix: STRING, what the keys of the source begin with
// returns changed: INTEGER, artifacts whose class changed
// :param prefix => ''
MATCH (a:Transform)
WHERE a.follows_producer AND a.key STARTS WITH $prefix
  AND NOT EXISTS { (a)<-[:OUTPUT|REPUBLISHED]-(:Transformation) }
REMOVE a:Transform
SET a:Span, a.artifact = 'span'
RETURN count(a) AS changed
ORDER BY changed
