// Take out events from before the horizon of which no run came.
//
// $source: STRING, the source's name
// $horizon: INTEGER, how far back it is kept, ms since 1970
// returns dropped: INTEGER, how many
// :param source => ''
// :param horizon => 0
// :auto
MATCH (v:Event)
WHERE v.source = $source AND v.time < $horizon * 1000
  AND NOT EXISTS {
    WITH v, split(v.about, '#run/')[0] AS source
    MATCH (:Execution {key: source + '#execution/' + substring(v.about, size(source) + 5)})
  }
CALL (v) {
  DELETE v
} IN TRANSACTIONS OF 5000 ROWS
RETURN count(*) AS dropped
ORDER BY dropped
