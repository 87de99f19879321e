// Link executions to the execution that they are part of.
//
// $prefix: STRING, what the keys of the source begin with
// returns linked: INTEGER, children that have their parent
// :param prefix => ''
MATCH (e:Execution)
WHERE e.key STARTS WITH $prefix AND e.parent IS NOT NULL
MATCH (parent:Execution {key: e.parent})
MERGE (e)-[:PART_OF]->(parent)
RETURN count(*) AS linked
ORDER BY linked
