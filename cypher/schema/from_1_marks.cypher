// From version 1: mark what runs, and what misses its parent; drop counts that are no longer kept.
//
// returns marked: INTEGER, executions looked at
// :auto
MATCH (e:Execution)
CALL (e) {
  REMOVE e.holders
  FOREACH (_ IN CASE WHEN e.state = 'RUNNING' THEN [1] ELSE [] END | SET e:Running)
  FOREACH (_ IN CASE WHEN e.parent IS NOT NULL AND NOT EXISTS { (e)-[:PART_OF]->(:Execution) }
                     THEN [1] ELSE [] END | SET e:Orphan)
} IN TRANSACTIONS OF 10000 ROWS
RETURN count(*) AS marked
ORDER BY marked
