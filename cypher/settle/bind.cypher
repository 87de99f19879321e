// Bind what was read by name to the version of the time.
//
// That is the version whose writer ended last at or before the reader's start, never one that the
// reader wrote itself; where there is none, it is the data set as such. A version that nothing
// writes or reads any more goes.
//
// returns bound: INTEGER, inputs that lead elsewhere now
// :auto
MATCH (e:Unbound)
CALL (e) {
  CALL (e) {
    MATCH (n:Artifact)-[c:NAMED_INPUT]->(e)
    WITH e, n, c, coalesce(e.started, e.ended).epochMillis AS at
    WITH e, n, c, head(COLLECT {
      MATCH (v:Artifact)
      USING INDEX v:Artifact(dataset, written)
      WHERE v.dataset = n.dataset AND v.written <= at AND NOT EXISTS { (e)-[:OUTPUT]->(v) }
      RETURN v ORDER BY v.dataset DESC, v.written DESC, v.key DESC LIMIT 1
    }) AS found
    WITH e, n, c, CASE WHEN found.written >= 0 THEN found ELSE n END AS v
    OPTIONAL MATCH (was:Artifact)-[r:INPUT {name: c.name, named: n.key}]->(e)
    WITH e, n, c, v, was, r
    WHERE was IS NULL OR was <> v
    SET e:Unsegmented, v:Unsegmented
    FOREACH (_ IN CASE WHEN was IS NULL THEN [] ELSE [1] END | SET was:Unsegmented DELETE r)
    CREATE (v)-[now:INPUT]->(e)
    SET now = properties(c), now.named = n.key
    WITH was
    CALL (was) {
      WITH was WHERE was IS NOT NULL AND NOT EXISTS { (was)--(:Execution) }
      DETACH DELETE was
    }
    RETURN count(*) AS some
  }
  REMOVE e:Unbound
  RETURN some
} IN TRANSACTIONS OF 5000 ROWS
RETURN coalesce(sum(some), 0) AS bound
ORDER BY bound
