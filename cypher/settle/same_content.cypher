// Link artifacts of different sources that have one content, by digests of 128 bits or more.
//
// Of those that share a digest, all are linked to the one whose key sorts first. What equivalent
// executions read may be told by it; graphlets never follow it.
//
// returns linked: INTEGER, links that are new
CALL () {
  MATCH (a:Unsegmented)-[r:SAME_CONTENT]-(b)
  WHERE a.digest IS NULL OR a.digest <> b.digest
  DELETE r
}
MATCH (a:Unsegmented)
WHERE a.digest =~ '(?i)[a-z0-9_-]+:[0-9a-f]{32,}'
  AND EXISTS { (s:Source) WHERE s.key <> a.source }
WITH DISTINCT a.digest AS digest
MATCH (x:Artifact {digest: digest})
WITH digest, x ORDER BY x.key
WITH digest, collect(x) AS same, count(DISTINCT x.source) AS sources
WHERE sources > 1
WITH head(same) AS first, same[1..] AS others
UNWIND others AS other
CALL (first, other) {
  MATCH (other)-[r:SAME_CONTENT]->(former)
  WHERE former <> first
  DELETE r
}
CALL (first, other) {
  WITH * WHERE NOT EXISTS { (other)-[:SAME_CONTENT]->(first) }
  CREATE (other)-[:SAME_CONTENT]->(first)
  RETURN count(*) AS made
}
RETURN coalesce(sum(made), 0) AS linked
ORDER BY linked
