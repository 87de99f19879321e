// When each version of a data set was written: when its writer ended.
//
// A writer that failed or is not known to have ended wrote nothing that others read. What a parent
// says it wrote is what its child wrote, where both name the same data set and they are not in a
// cycle of parents. Readers that a change
// concerns are marked: those that were bound to the version, and those bound to the one before it or
// that wrote that one, and so are bound to an earlier one.
//
// returns changed: INTEGER, versions
MATCH (e:Unbound)
CALL (e) {
  MATCH (e)-[:OUTPUT]->(a:Artifact)
  RETURN a
  UNION
  MATCH (e)-[:PART_OF]->(:Execution)-[:OUTPUT]->(a:Artifact)
  RETURN a
}
WITH DISTINCT a
WHERE a.dataset IS NOT NULL AND coalesce(a.written, 0) <> -1
WITH a, COLLECT {
  MATCH (a)<-[:OUTPUT]-(w:Execution)
  WHERE w.state IN ['COMPLETE', 'UNKNOWN'] AND w.ended IS NOT NULL
    AND NOT EXISTS {
      (w)<-[:PART_OF]-(child:Execution)-[:OUTPUT]->(same WHERE same.dataset = a.dataset)
      WHERE NOT coalesce(w.in_cycle AND child.in_cycle, false)
    }
  RETURN w.ended.epochMillis AS ended ORDER BY ended DESC LIMIT 1
} AS ends
WITH a, head(ends) AS written
WHERE coalesce(a.written, -2) <> coalesce(written, -2)
CALL (a) {
  MATCH (a)-[r:INPUT WHERE r.named IS NOT NULL]->(reader)
  SET reader:Unbound
}
CALL (a, written) {
  WITH * WHERE written IS NOT NULL
  MATCH (before:Artifact)
  USING INDEX before:Artifact(dataset, written)
  WHERE before.dataset = a.dataset AND before.written <= written AND before <> a
  WITH a, written, before ORDER BY before.dataset DESC, before.written DESC LIMIT 1
  MATCH (same:Artifact {dataset: before.dataset, written: before.written})
  MATCH (same)-[r:INPUT|OUTPUT]-(reader:Execution)
  WHERE (r.named IS NOT NULL OR type(r) = 'OUTPUT')
    AND coalesce(reader.started, reader.ended).epochMillis >= written
  SET reader:Unbound
}
SET a.written = written
RETURN count(*) AS changed
ORDER BY changed
