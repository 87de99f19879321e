// Mark what an execution from before the horizon had touched or was in: it may have to go with it.
//
// $keys: LIST<STRING>, keys of artifacts, runs and contexts
// returns marked: INTEGER, how many of them are there
// :param keys => []
UNWIND $keys AS key
MATCH (n:Run|Context|Artifact {key: key})
SET n:Prunable
RETURN count(*) AS marked
ORDER BY marked
