// Keep a batch of events, each once, and tell which subjects had events before.
//
// A subject that is not told of has these events alone. What it tells of is folded anew where
// `folded` is false.
//
// $source: STRING, the source's name
// $rows: LIST<MAP>, key, about, time (microseconds since 1970), body and name
// returns about: STRING, the run, job or data set
// returns folded: BOOLEAN, nothing new is known of it
// returns kept: INTEGER, events of it that came now
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
WITH row.about AS about, sum(CASE WHEN fresh THEN 1 ELSE 0 END) AS kept,
     sum(CASE WHEN v:Unfolded THEN 1 ELSE 0 END) AS unfolded
WHERE COUNT { (:Event {about: about}) } > kept
RETURN about, unfolded = 0 AS folded, kept
ORDER BY about
