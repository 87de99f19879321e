// Note on each execution the pipeline that it counts for: the outermost, then the smallest name.
//
// Looks at what changed, and at what is in a group that changed.
//
// $prefix: STRING, what the keys of the source begin with
// returns changed: INTEGER, executions whose pipeline changed
// :param prefix => ''
// :auto
CALL () {
  MATCH (e:Unsegmented)
  WHERE e:Execution
  RETURN e
  UNION
  MATCH (changed:Unsettled)
  MATCH (changed)<-[:OF|PART_OF]-*(inner)
  WITH DISTINCT inner
  MATCH (inner)<-[:IN_RUN|IN_PIPELINE|IN_CONTEXT]-(e:Execution)
  RETURN e
}
WITH e
WHERE e.key STARTS WITH $prefix
CALL (e) {
  OPTIONAL MATCH (e)-[:IN_RUN|IN_PIPELINE|IN_CONTEXT]->(group)
  OPTIONAL MATCH (group)-[:OF|PART_OF]->*(outer)
  WITH DISTINCT e, CASE WHEN outer:Pipeline THEN outer END AS p
  WITH e, p, p IS NOT NULL AND NOT EXISTS { (p)-[:PART_OF]->(:Pipeline) } AS outermost
  ORDER BY outermost DESC, p.name
  WITH e, head(collect(p.name)) AS name
  WHERE coalesce(e.pipeline, '') <> coalesce(name, '')
  SET e:Unsegmented, e.pipeline = name
  RETURN 1 AS changed
} IN TRANSACTIONS OF 10000 ROWS
RETURN count(changed) AS changed
ORDER BY changed
