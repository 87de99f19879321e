// Keep a batch of events, each once, and tell which runs, jobs and data sets are to be folded anew.
//
// $source: STRING, the source's name
// $rows: LIST<MAP>, key, about, time (microseconds since 1970), body and name
// returns about: STRING, a subject with an event that was not folded yet
// returns events: INTEGER, how many events tell of it
// returns fresh: INTEGER, how many of them came now
// :param source => ''
// :param rows => []
UNWIND $rows AS row
CALL (row) {
  MERGE (v:Event {key: row.key})
  ON CREATE SET v:Unfolded, v.source = $source, v.about = row.about, v.time = row.time,
                v.body = row.body, v.name = row.name, v.fresh = true
  WITH v, v.fresh IS NOT NULL AS fresh
  REMOVE v.fresh
  RETURN v, fresh
}
WITH row.about AS about, v, fresh
WHERE v:Unfolded
WITH about, sum(CASE WHEN fresh THEN 1 ELSE 0 END) AS fresh
RETURN about, COUNT { (:Event {about: about}) } AS events, fresh
ORDER BY about
