// Write down how a load of a source ended; one that changed nothing leaves no record of itself.
//
// $source: STRING, the source's name
// $ingestion: STRING, key of this load
// $counts: MAP, `read_*`, `written` and `set_aside`
// $cursor: STRING, where the next load goes on, or null
// $derivation: STRING, digest of the settings
// $newest: INTEGER, the newest time seen, ms since 1970
// returns ingestions: INTEGER, loads of this source that are kept
// :param source => ''
// :param ingestion => ''
// :param counts => {}
// :param cursor => null
// :param derivation => ''
// :param newest => 0
MATCH (i:Ingestion {key: $ingestion})-[:LOADED]->(s:Source {key: $source})
SET s.cursor = $cursor, s.derivation = $derivation, s.newest = $newest
SET i += $counts
SET i.status = 'done', i.ended = datetime()
WITH s, i
CALL (s, i) {
  WITH s, i WHERE i.written = 0
  MATCH (s)<-[:LOADED]-(same:Ingestion {status: 'done'})
  WHERE same <> i AND same.set_aside = i.set_aside
  WITH i, count(same) AS earlier WHERE earlier > 0
  DETACH DELETE i
}
CALL (s) {
  MATCH (s)<-[:LOADED]-(stale:Ingestion {status: 'running'})
  SET stale.status = 'failed'
}
RETURN count { (s)<-[:LOADED]-() } AS ingestions
ORDER BY ingestions
