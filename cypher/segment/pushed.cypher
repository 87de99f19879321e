// Mark the graphlets whose model was deployed.
//
// The model line is what the trainer wrote, and every model that a descendant wrote while reading
// the line. A complete deployment in the graphlet that reads the line and put something out, other
// than an artifact that says `pushed: false`, has pushed it.
//
// $pipeline: STRING, only graphlets of this pipeline, or null for all
// returns pushed: INTEGER, graphlets marked
// :param pipeline => null
// :auto
MATCH (d:Deployment&Execution)
WHERE (d.state = 'COMPLETE' OR d.state = 'UNKNOWN')
  AND EXISTS { (d)-[:OUTPUT]->(a:Artifact) WHERE coalesce(a.pushed, true) }
MATCH (d)<-[:CONTAINS]-(g:Graphlet)
WHERE $pipeline IS NULL OR g.pipeline = $pipeline
WITH g, collect(d) AS deployments
CALL (g, deployments) {
  MATCH (g)-[:ANCHOR]->(t:Training)
  CALL (t) {
    MATCH (t)-[:OUTPUT]->(line:Artifact)
    RETURN line
    UNION
    MATCH (t)-[:OUTPUT]->(first:Artifact)
    MATCH (first)
      ((z WHERE NOT z:Span)-[:INPUT|OUTPUT]->(x WHERE x:Model OR (x:Execution AND NOT x:Training
        AND NOT x:Ingestion AND NOT x:Resolution AND x.state <> 'CACHED')))+
      (line)
    WITH DISTINCT line WHERE line:Model
    RETURN line
  }
  MATCH (line)-[:INPUT]->(d:Deployment)
  WHERE d IN deployments
  WITH DISTINCT g
  SET g.pushed = true
  RETURN true AS found
} IN TRANSACTIONS OF 1000 ROWS
RETURN count(found) AS pushed
ORDER BY pushed
