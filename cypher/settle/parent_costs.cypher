// Cost of executions that have children: their duration less what the children cover.
//
// Children that overlap cover their common time once; what sticks out covers nothing, nor does a
// child whose start or end is unknown, nor one of a cycle of parents for another of it.
//
// $prefix: STRING, what the keys of the source begin with
// returns changed: INTEGER, executions whose cost changed
// :param prefix => ''
CALL () {
  MATCH (e:Unsegmented)
  WHERE e.cost_from STARTS WITH 'duration'
    AND (e.cost_from = 'duration less children' OR EXISTS { (e)<-[:PART_OF]-(:Execution) })
  RETURN e
  UNION
  MATCH (changed:Unsegmented)
  WHERE changed:Execution
  MATCH (changed)-[:PART_OF]->(e:Execution)
  RETURN e
  UNION
  MATCH (joined:Unsettled)
  WHERE joined:Execution
  MATCH (joined)-[:PART_OF]->(e:Execution)
  RETURN e
}
WITH e
WHERE e.key STARTS WITH $prefix AND e.cost_from STARTS WITH 'duration'
  AND e.started IS NOT NULL AND e.ended IS NOT NULL
OPTIONAL MATCH (e)<-[:PART_OF]-(child:Execution)
WHERE NOT coalesce(e.in_cycle AND child.in_cycle, false)
WITH e, e.started.epochMillis AS begin, e.ended.epochMillis AS finish, child
ORDER BY e.key, child.started
WITH e, begin, finish,
     collect([child.started.epochMillis, child.ended.epochMillis]) AS spans
WITH e, finish - begin AS whole,
     reduce(seen = [0, begin], s IN [s IN spans WHERE s[0] < finish AND s[1] > begin] |
       CASE WHEN s[1] <= seen[1] THEN seen
            WHEN s[1] > finish
              THEN [seen[0] + finish - CASE WHEN s[0] > seen[1] THEN s[0] ELSE seen[1] END, finish]
            ELSE [seen[0] + s[1] - CASE WHEN s[0] > seen[1] THEN s[0] ELSE seen[1] END, s[1]]
       END)[0] AS covered
WITH e, CASE WHEN covered < whole THEN (whole - covered) / 1000.0 ELSE 0.0 END AS own
WHERE e.cost <> own OR e.cost_from <> 'duration less children'
SET e:Unsegmented, e.cost = own, e.cost_from = 'duration less children'
RETURN count(*) AS changed
ORDER BY changed
