// Link executions to the execution that they are part of, and to no former one.
//
// One whose parent is not there is marked as an orphan, and linked when the parent comes.
//
// A former parent is sought from its child, its label asked for only then: a plan made while there
// was no link went through all executions for each child.
//
// $prefix: STRING, what the keys of the source begin with
// returns linked: INTEGER, children that found their parent
// :param prefix => ''
CALL () {
  MATCH (e:Unsegmented)
  WHERE e.parent IS NOT NULL
  RETURN e
  UNION
  MATCH (e:Orphan)
  RETURN e
}
WITH e
WHERE e.key STARTS WITH $prefix
CALL (e) {
  MATCH (e)-[former:PART_OF]->(other)
  WITH e, former, other
  WHERE other:Execution AND other.key <> e.parent
  SET other:Unsegmented:Unbound
  DELETE former
}
OPTIONAL MATCH (parent:Execution {key: e.parent})
CALL (e, parent) {
  WITH * WHERE parent IS NOT NULL
  REMOVE e:Orphan
  MERGE (e)-[:PART_OF]->(parent)
  ON CREATE SET parent:Unsegmented
}
CALL (e, parent) {
  WITH * WHERE parent IS NULL
  SET e:Orphan
}
RETURN count(parent) AS linked
ORDER BY linked
