// Write nodes anew from newer records, keeping what was derived in the graph.
//
// An execution's earlier outputs keep the type that its new state asks for: those of a cached or
// resolution execution are REPUBLISHED, those of any other are OUTPUT.
//
// $rows: LIST<MAP>, key, labels, properties, and times in ms since 1970, as the loader makes them
// returns updated: INTEGER, how many
// :param rows => []
UNWIND $rows AS row
MATCH (n:Pipeline|Run|Context|Execution|Artifact {key: row.key})
WITH n, row, n.name AS was, n {.pipeline, .abandoned, .pruned, .signature, .unstable, .same, .assumed,
           .written, .first_seen} AS derived,
     labels(n) AS old,
     [mark IN labels(n) WHERE mark IN ['Uncut', 'Unsettled', 'Unsigned', 'Ungrouped', 'Undone',
                                    'Unbound']] AS marks
REMOVE n:$(old)
SET n:$(row.labels + marks)
SET n = row.properties
SET n += derived
FOREACH (_ IN CASE WHEN n:Execution AND (EXISTS { (n)<-[:NAMED_INPUT]-() }
                                         OR EXISTS { (n)-[:OUTPUT]->(a WHERE a.dataset <> '') })
              THEN [1] ELSE [] END | SET n:Unbound)
SET n += {
  created: CASE WHEN row.created IS NOT NULL THEN datetime({epochMillis: row.created}) END,
  updated: CASE WHEN row.updated IS NOT NULL THEN datetime({epochMillis: row.updated}) END,
  started: CASE WHEN row.started IS NOT NULL THEN datetime({epochMillis: row.started}) END,
  ended: CASE WHEN row.ended IS NOT NULL THEN datetime({epochMillis: row.ended}) END
}
FOREACH (_ IN CASE WHEN n:Pipeline AND n.name <> was THEN [1] ELSE [] END | SET n:Unsettled)
WITH n, n:Execution AND (n.state = 'CACHED' OR n:Resolution) AS hands_on
CALL (n, hands_on) {
  WITH n WHERE hands_on
  MATCH (n)-[was:OUTPUT]->(a:Artifact)
  CREATE (n)-[now:REPUBLISHED]->(a)
  SET now = properties(was)
  DELETE was
}
CALL (n, hands_on) {
  WITH n WHERE NOT hands_on
  MATCH (n)-[was:REPUBLISHED]->(a:Artifact)
  CREATE (n)-[now:OUTPUT]->(a)
  SET now = properties(was)
  DELETE was
}
RETURN count(*) AS updated
ORDER BY updated
