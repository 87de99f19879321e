// Link executions to the execution that they are part of, and to no former one.
//
// $prefix: STRING, what the keys of the source begin with
// returns linked: INTEGER, children that have their parent
// returns orphans: LIST<MAP>, native id of each other child, and the key of its parent
// :param prefix => ''
MATCH (e:Execution)
WHERE e.key STARTS WITH $prefix AND e.parent IS NOT NULL
CALL (e) {
  MATCH (e)-[former:PART_OF]->(other:Execution)
  WHERE other.key <> e.parent
  DELETE former
}
OPTIONAL MATCH (parent:Execution {key: e.parent})
CALL (e, parent) {
  WITH * WHERE parent IS NOT NULL
  MERGE (e)-[:PART_OF]->(parent)
}
WITH e, parent ORDER BY e.key
RETURN count(parent) AS linked,
       collect(CASE WHEN parent IS NULL THEN {id: e.source_id, parent: e.parent} END) AS orphans
ORDER BY linked
