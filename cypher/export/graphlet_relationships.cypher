// The relationships between a graphlet and its members, and among the members.
//
// $key: STRING, the graphlet's key
// returns start: STRING, key of the node it begins at
// returns end: STRING, key of the node it ends at
// returns type: STRING, its type
// returns properties: MAP, its properties
// returns relationship: RELATIONSHIP, the relationship itself
// :param key => ''
MATCH (g:Graphlet {key: $key})
CALL (g) {
  MATCH (g)-[r:ANCHOR|BOUNDARY|ANCESTOR|SPAN|DESCENDANT|ANALYSIS]->()
  RETURN r
  UNION
  MATCH (g)-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]->(e:Execution)
  MATCH (e)-[r:!REPEATS&!CONCURRENT]-(other:!Graphlet)
  WHERE EXISTS { (g)-[:ANCHOR|BOUNDARY|ANCESTOR|SPAN|DESCENDANT|ANALYSIS]->(other) }
  RETURN r
}
RETURN startNode(r).key AS start, endNode(r).key AS end, type(r) AS type,
       properties(r) AS properties, r AS relationship
ORDER BY type, start, end, properties.name
