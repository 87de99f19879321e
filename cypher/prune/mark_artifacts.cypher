// Mark the artifacts from before a time that no execution that stays has touched.
//
// One without a time of its own is as old as those executions; without them it stays.
//
// $source: STRING, only this source, or null for all
// $before: STRING, ISO 8601
// returns marked: INTEGER, how many
// :param source => null
// :param before => '1970-01-01T00:00:00+00:00'
// :auto
MATCH (a:Artifact)
WHERE ($source IS NULL OR a.source = $source OR a.dataset IS NOT NULL)
  AND (a.created < datetime($before)
       OR a.created IS NULL AND EXISTS { (a)--(:Execution&Prunable) })
  AND NOT EXISTS { (a)--(e:Execution) WHERE NOT e:Prunable }
CALL (a) {
  SET a:Prunable
} IN TRANSACTIONS OF 20000 ROWS
RETURN count(*) AS marked
ORDER BY marked
