// Write down how a load of a source ended.
//
// One that changed nothing leaves no record of itself, but when it was on the last one that is kept.
//
// $source: STRING, the source's name
// $load: STRING, key of this load
// $counts: MAP, `read_*`, `written` and `set_aside`
// $cursor: STRING, where the next load goes on, or null
// $derivation: STRING, digest of the settings
// $newest: INTEGER, the newest time seen, ms since 1970
// returns loads: INTEGER, loads of this source that are kept
// :param source => ''
// :param load => ''
// :param counts => {}
// :param cursor => null
// :param derivation => ''
// :param newest => 0
MATCH (this:Load {key: $load})-[:LOADED]->(s:Source {key: $source})
SET s.cursor = $cursor, s.derivation = $derivation, s.newest = $newest
SET this += $counts
SET this.status = 'done', this.ended = datetime()
WITH s, this
CALL (s, this) {
  WITH s, this WHERE this.written = 0
  MATCH (s)<-[:LOADED]-(same:Load {status: 'done'})
  WHERE same <> this AND same.set_aside = this.set_aside
  WITH this, same ORDER BY same.started DESC, same.key LIMIT 1
  SET same.again = this.started
  DETACH DELETE this
}
CALL (s) {
  MATCH (s)<-[:LOADED]-(stale:Load {status: 'running'})
  SET stale.status = 'failed'
}
RETURN count { (s)<-[:LOADED]-() } AS loads
ORDER BY loads
