// Mark the graphlets of models that were trained before a time; open ones stay.
//
// One whose trainer has no time stays, too.
//
// $source: STRING, only this source, or null for all
// $before: STRING, ISO 8601
// returns marked: INTEGER, how many
// :param source => null
// :param before => '1970-01-01T00:00:00+00:00'
// :auto
MATCH (g:Graphlet)-[:ANCHOR]->(t:Execution)
WHERE ($source IS NULL OR g.source = $source) AND g.state <> 'open'
  AND coalesce(t.started, t.created, t.ended) < datetime($before)
CALL (g) {
  SET g:Prunable
} IN TRANSACTIONS OF 20000 ROWS
RETURN count(*) AS marked
ORDER BY marked
