// Cut the graphlet of every training execution and write it.
//
// One walk for each rule of "What a graphlet is"; a node that several rules reach keeps the first
// role of: 0 trainer, 1 boundary, 2 ancestor, 3 descendant, 4 analysis. Rank 5 marks the spans.
// Each walk visits a node once (a pruned breadth-first expansion), so cycles and diamonds are safe;
// its end has no label in the pattern, or the plan may start from that label and list every path.
//
// $pipeline: STRING, only trainers that count for this pipeline, or null for all
// returns graphlets: INTEGER, how many were written
// :param pipeline => null
// :auto
MATCH (t:Training)
WHERE t.state <> 'CACHED' AND ($pipeline IS NULL OR t.pipeline = $pipeline)
WITH t ORDER BY t.source, t.pipeline, t.key
CALL (t) {
  MERGE (g:Graphlet {key: t.key})
  MERGE (g)-[:ANCHOR]->(t)
  WITH g, t
  CALL (g) {
    MATCH (g)-[old:CONTAINS]->()
    DELETE old
  }
  CALL (t) {
    RETURN t AS n, 0 AS rank
    UNION ALL
    MATCH (t)
      (()<-[:INPUT|OUTPUT]-(x WHERE NOT x:Training AND NOT x:Inference))+
      (above)
    WITH DISTINCT above
    RETURN above AS n,
           CASE WHEN above:Artifact AND EXISTS { (above)<-[:OUTPUT]-() }
                     AND NOT EXISTS { (above)<-[:OUTPUT]-(p WHERE NOT p:Training
                                                            AND NOT p:Inference) }
                THEN 1 ELSE 2 END AS rank
    UNION ALL
    MATCH (t)
      ((z WHERE NOT z:Span)-[:INPUT|OUTPUT]->(x WHERE NOT x:Training AND NOT x:Ingestion
        AND NOT x:Resolution AND (x:Artifact OR x.state <> 'CACHED')))+
      (below)
    RETURN DISTINCT below AS n, 3 AS rank
    UNION ALL
    MATCH (t)
      (()<-[:INPUT|OUTPUT]-(x WHERE NOT x:Training AND NOT x:Inference))+
      (above)
    WITH DISTINCT above
    WHERE above:Artifact AND NOT above:Schema
      AND (NOT EXISTS { (above)<-[:OUTPUT]-() }
           OR EXISTS { (above)<-[:OUTPUT]-(p WHERE NOT p:Training AND NOT p:Inference) })
    MATCH (above)
      ((z WHERE NOT z:Schema)-[:INPUT|OUTPUT]->(x WHERE x:Artifact
        OR (x:Analysis|Validation AND x.state <> 'CACHED')))+
      (seen)
    RETURN DISTINCT seen AS n, 4 AS rank
    UNION ALL
    MATCH (t)
      (()<-[:INPUT|OUTPUT]-(x WHERE NOT x:Training AND NOT x:Inference AND NOT x:Schema))+
      (span)
    WITH DISTINCT span WHERE span:Span
    RETURN span AS n, 5 AS rank
  }
  WITH g, t, n, min(rank) AS rank, max(rank) = 5 AS reached_as_span
  CREATE (g)-[:CONTAINS {
    role: ['trainer', 'boundary', 'ancestor', 'descendant', 'analysis'][rank],
    span: CASE WHEN reached_as_span AND rank = 2 THEN true END
  }]->(n)
  WITH g, t,
       sum(CASE WHEN n:Execution AND n.cost_unit = t.cost_unit THEN n.cost ELSE 0.0 END) AS cost,
       sum(CASE WHEN n:Execution THEN 1 ELSE 0 END) AS executions,
       sum(CASE WHEN n:Artifact THEN 1 ELSE 0 END) AS artifacts,
       max(CASE WHEN n:Execution THEN n.ended END) AS ended,
       sum(CASE WHEN n:Execution AND n.state = 'RUNNING' AND n.abandoned IS NULL
                THEN 1 ELSE 0 END) AS running
  SET g.source = t.source,
      g.source_id = t.source_id,
      g.name = 'graphlet of ' + t.name,
      g.pipeline = t.pipeline,
      g.node = t.node,
      g.started = t.started,
      g.ended = ended,
      g.state = CASE running WHEN 0 THEN 'complete' ELSE 'open' END,
      g.pushed = false,
      g.cost = round(cost, 6),
      g.cost_unit = t.cost_unit,
      g.executions = executions,
      g.artifacts = artifacts
} IN 2 CONCURRENT TRANSACTIONS OF 500 ROWS
RETURN count(*) AS graphlets
ORDER BY graphlets
