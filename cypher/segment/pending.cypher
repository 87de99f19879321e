// Mark every trainer of some sources, and of a pipeline: their graphlets are to be cut.
//
// $sources: LIST<STRING>, names of sources
// $pipeline: STRING, trainers that count for this pipeline, or null for none
// returns marked: INTEGER, how many
// :param sources => []
// :param pipeline => null
// :auto
CALL () {
  WITH * WHERE size($sources) > 0 OR $pipeline IS NOT NULL
  MATCH (t:Training)
  WHERE t.source IN $sources OR t.pipeline = $pipeline
  RETURN t
}
WITH t
WHERE t.state <> 'CACHED' AND t.pruned IS NULL AND NOT t:Uncut
CALL (t) {
  SET t:Uncut
} IN 4 CONCURRENT TRANSACTIONS OF 5000 ROWS
RETURN count(*) AS marked
ORDER BY marked
