// Remove the marked executions, artifacts, runs and contexts.
//
// What was equivalent to one of the executions is to be compared anew, and so is what read an
// output that is known by its name alone from now on.
//
// The events that an execution was folded from go with it.
//
// Executions go last: what has no time of its own is as old as they are, should this be stopped.
//
// returns removed: INTEGER, how many
// :auto
MATCH (n:Prunable)
WITH n ORDER BY CASE WHEN n:Execution THEN 2 WHEN n:Artifact THEN 1 ELSE 0 END
CALL (n) {
  CALL (n) {
    MATCH (n)-[:REPEATS|CONCURRENT]-(mate)
    SET mate:Undone
  }
  CALL (n) {
    WITH n WHERE n:Execution AND n.unstable
    MATCH (mate:Execution {signature: n.signature})
    SET mate:Undone
  }
  CALL (n) {
    MATCH (n)-[:OUTPUT]->(a WHERE a.same IS NOT NULL)
    REMOVE a.same, a.assumed
    WITH n, a
    MATCH (a)-[:INPUT|REFERENCE|OUTPUT]-(other)
    WHERE other <> n AND other.signature IS NOT NULL
    SET other:Undone
  }
  CALL (n) {
    MATCH (n)-[:OUTPUT]->(a WHERE a.content > 0)-[:INPUT|REFERENCE]->(reader)
    WHERE reader.signature IS NOT NULL
    SET reader:Undone
  }
  CALL (n) {
    WITH n WHERE n:Execution
    WITH CASE WHEN n.p_part_of_outputs IS NULL THEN n.key ELSE n.parent END AS key
    WITH key, split(key, '#execution/')[0] AS source
    MATCH (v:Event {about: source + '#run/' + substring(key, size(source) + 11)})
    DELETE v
  }
  DETACH DELETE n
} IN TRANSACTIONS OF 500 ROWS
RETURN count(*) AS removed
ORDER BY removed
