// Mark the executions that ended before a time and that no graphlet that stays has need of.
//
// It needs what it contains, and what wrote an artifact in it: a model that it started from is a
// boundary only as long as its trainer is known. It needs the parts of what it contains, too: they
// tell what that cost. What runs stays, and what has a part that stays: so the round is repeated
// until it marks nothing more.
//
// $source: STRING, only this source, or null for all
// $before: STRING, ISO 8601
// returns marked: INTEGER, in this round
// :param source => null
// :param before => '1970-01-01T00:00:00+00:00'
// :auto
MATCH (e:Execution)
WHERE NOT e:Prunable AND ($source IS NULL OR e.source = $source)
  AND coalesce(e.ended, e.started, e.created) < datetime($before)
  AND (e.state <> 'RUNNING' OR e.abandoned)
  AND NOT EXISTS {
    (e)<-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]-(g:Graphlet) WHERE NOT g:Prunable
  }
  AND NOT EXISTS {
    (e)-[:OUTPUT|REPUBLISHED]->()<-[:BOUNDARY|ANCESTOR|SPAN|DESCENDANT|ANALYSIS]-(g:Graphlet)
    WHERE NOT g:Prunable
  }
  AND NOT EXISTS {
    (e)-[:PART_OF]->(:Execution)<-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]-(g:Graphlet)
    WHERE NOT g:Prunable
  }
  AND NOT EXISTS { (e)<-[:PART_OF]-(part:Execution) WHERE NOT part:Prunable }
CALL (e) {
  SET e:Prunable
} IN TRANSACTIONS OF 20000 ROWS
RETURN count(*) AS marked
ORDER BY marked
