// Mark the executions that a change may have made like others, or unlike them.
//
// These are the executions that changed, those that read or wrote an artifact that changed, and
// those that read what a changed one wrote, where it may be known by its name alone now, or was
// until then (what turned out to be cached or a resolution only republishes). One that was compared
// before has its class and everything derived from it dissolved first. The marks
// of segmentation stay: it goes on from them.
//
// $fresh: LIST<STRING>, sources of which every execution is to be compared anyway
// returns marked: INTEGER, executions
// :param fresh => []
// :auto
MATCH (n:Unsegmented)
WHERE NOT n.source IN $fresh
CALL (n) {
  CALL (n) {
    WITH n WHERE n:Execution
    RETURN n AS e
    UNION
    WITH n WHERE n:Execution
    MATCH (n)-[wrote:OUTPUT|REPUBLISHED]->(a WHERE a.content > 0)-[:INPUT|REFERENCE]->(e)
    WHERE e.recipe IS NOT NULL
      AND (n.signature IS NOT NULL OR type(wrote) = 'OUTPUT' AND e.signature IS NULL)
    RETURN e
    UNION
    WITH n WHERE n:Artifact
    MATCH (n)-[:INPUT|REFERENCE|OUTPUT]-(e)
    RETURN e
  }
  WITH DISTINCT e
  FOREACH (_ IN CASE WHEN e.signature IS NULL THEN [1] ELSE [] END | SET e:Unsigned)
  FOREACH (_ IN CASE WHEN e.signature IS NULL THEN [] ELSE [1] END | SET e:Undone)
  RETURN count(*) AS some
} IN TRANSACTIONS OF 5000 ROWS
RETURN coalesce(sum(some), 0) AS marked
ORDER BY marked
