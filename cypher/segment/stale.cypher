// Remove graphlets whose trainer is gone, is no training any more, or only handed on what existed.
//
// What came before one in its line is linked anew by `segment/order`.
//
// $all: BOOLEAN, look at every graphlet, not only at those of trainers that changed
// returns removed: INTEGER, how many
// :param all => true
// :auto
CALL () {
  WITH * WHERE $all
  MATCH (g:Graphlet)
  WHERE NOT EXISTS { (g)-[:ANCHOR]->(t:Training WHERE t.state <> 'CACHED') }
  RETURN g
  UNION
  MATCH (t:Unsegmented)
  WHERE NOT (t:Training AND t.state <> 'CACHED')
  MATCH (t)<-[:ANCHOR]-(g)
  RETURN g
}
CALL (g) {
  OPTIONAL MATCH (before:Graphlet)-[:NEXT]->(g)
  SET before:Unlinked
  WITH DISTINCT g
  DETACH DELETE g
} IN TRANSACTIONS OF 200 ROWS
RETURN count(*) AS removed
ORDER BY removed
