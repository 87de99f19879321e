// Mark executions whose parents lead back to them, and unmark those where they do so no more.
//
// None of a cycle counts as part of another: else each would leave its time and what it wrote to the
// next, and nobody would have them.
//
// Plan: VarLengthExpand(Into), an execution has one parent, so there is one way up
//
// $prefix: STRING, what the keys of the source begin with
// returns changed: INTEGER, executions whose mark changed
// :param prefix => ''
CALL () {
  MATCH (e:Unsegmented)
  WHERE e:Execution AND (e)-[:PART_OF]->(:Execution)
  RETURN e
  UNION
  MATCH (e:Unsegmented)
  WHERE e.in_cycle
  RETURN e
}
WITH e
WHERE e.key STARTS WITH $prefix
MATCH (e)-[:PART_OF]->*(above:Execution)
WITH DISTINCT above
WITH above, EXISTS { (above)-[:PART_OF]->(:Execution)-[:PART_OF]->*(above) } AS cyclic
WHERE coalesce(above.in_cycle, false) <> cyclic
SET above:Unsegmented:Unbound, above.in_cycle = CASE WHEN cyclic THEN true END
RETURN count(*) AS changed
ORDER BY changed
