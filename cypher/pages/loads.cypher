// The sources that were loaded, with when and how their last load went.
//
// $limit: INTEGER, how many at most
// returns name: STRING, its name
// returns status: STRING, of the load that began last
// returns started: DATETIME, when that began
// :param limit => 50
MATCH (s:Source)
WITH s ORDER BY s.key LIMIT $limit
CALL (s) {
  MATCH (l:Load)-[:LOADED]->(s)
  WITH l LIMIT 2000
  RETURN l.status AS status, coalesce(l.again, l.started) AS started
  ORDER BY started DESC LIMIT 1
  UNION ALL
  WITH s WHERE NOT EXISTS { (s)<-[:LOADED]-() }
  RETURN null AS status, null AS started
}
RETURN s.name AS name, status, started
ORDER BY name
