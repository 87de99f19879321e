// Dissolve the classes of marked executions, and mark what was derived from them.
//
// Whoever shares a signature goes with it, the few that are in another class among them. What they
// wrote is known by itself again; who read that, and who else wrote it, is marked. One round:
// repeat it until it finds none.
//
// $clear: BOOLEAN, also forget which ones wrote different content
// returns dissolved: INTEGER, executions
// :param clear => true
// :auto
MATCH (u:Undone)
WITH u.signature AS signature, collect(u) AS marked
CALL (signature, marked) {
  CALL (signature, marked) {
    UNWIND marked AS e
    RETURN e
    UNION
    MATCH (e:Execution {signature: signature})
    RETURN e
  }
  REMOVE e:Undone, e:Ungrouped, e.signature
  SET e:Unsigned
  FOREACH (_ IN CASE WHEN $clear THEN [1] ELSE [] END | REMOVE e.unstable)
  WITH e
  CALL (e) {
    MATCH (e)-[old:REPEATS|CONCURRENT]-()
    DELETE old
  }
  CALL (e) {
    MATCH (e)-[:OUTPUT|REPUBLISHED]->(a WHERE a.same IS NOT NULL)
    REMOVE a.same, a.assumed
    WITH e, a
    MATCH (a)-[:INPUT|REFERENCE|OUTPUT]-(other)
    WHERE other <> e AND other.signature IS NOT NULL
    SET other:Undone
  }
  RETURN count(*) AS some
} IN TRANSACTIONS OF 200 ROWS
RETURN coalesce(sum(some), 0) AS dissolved
ORDER BY dissolved
