// Mark the runs and contexts from before a time in which nothing stays.
//
// One without a time is as old as what was in it. Groups may be in groups: the round is repeated
// until it marks nothing more. Pipelines stay, so that reports can name them.
//
// $source: STRING, only this source, or null for all
// $before: STRING, ISO 8601
// returns marked: INTEGER, in this round
// :param source => null
// :param before => '1970-01-01T00:00:00+00:00'
// :auto
MATCH (group:Run|Context)
WHERE NOT group:Prunable AND ($source IS NULL OR group.source = $source)
  AND (coalesce(group.ended, group.started, group.created) < datetime($before)
       OR coalesce(group.ended, group.started, group.created) IS NULL
          AND EXISTS { (group)<-[:IN_RUN|IN_CONTEXT|PART_OF]-(:Prunable) })
  AND NOT EXISTS { (group)<-[:IN_RUN|IN_CONTEXT|PART_OF|OF]-(member) WHERE NOT member:Prunable }
CALL (group) {
  SET group:Prunable
} IN TRANSACTIONS OF 20000 ROWS
RETURN count(*) AS marked
ORDER BY marked
