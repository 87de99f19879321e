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
  AND NOT EXISTS { (:Execution {key: replace(v.about, '#run/', '#execution/')}) }
CALL (v) {
  DELETE v
} IN TRANSACTIONS OF 5000 ROWS
RETURN count(*) AS dropped
ORDER BY dropped
