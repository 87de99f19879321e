// Cut the graphlet of every marked trainer and write it.
//
// One walk for each rule of "What a graphlet is"; a node that several rules reach keeps the first
// role of: 0 trainer, 1 boundary, 2 ancestor, 3 descendant, 4 analysis. Rank 5 marks the spans. Each walk
// visits a node once (a pruned breadth-first expansion), so cycles and diamonds are safe; its end
// has no label in the pattern, or the plan may start from that label and list every path. Spans
// (rule 3) and schemas (rule 4) are hubs that are kept but not followed: the walk does not enter
// them, which would list all that they touch, and a last step adds them.
//
// The model line is what the trainer wrote, and every model that a descendant wrote while reading
// the line. A complete deployment in the graphlet that reads the line and put something out, other
// than an artifact that says `pushed: false`, has pushed it. The mark goes with the graphlet's transaction: what is cut short goes on where it was.
//
// $pipeline: STRING, only trainers that count for this pipeline, or null for all
// $rows: INTEGER, graphlets in one transaction
// returns graphlets: INTEGER, how many were written
// returns problem: STRING, why others were not, or null: two transactions met at a shared node, or
//   one was too large; they keep their marks
// :param pipeline => null
// :param rows => 200
// :auto
MATCH (t:Uncut)
WHERE $pipeline IS NULL OR t.pipeline = $pipeline
WITH t ORDER BY t.source, t.pipeline, t.key
CALL (t) {
  REMOVE t:Uncut
  MERGE (g:Graphlet {key: t.key})
  REMOVE g:Cyclic
  SET g:Unlinked
  WITH g, t
  CALL (g) {
    MATCH (before:Graphlet)-[:NEXT]->(g)
    SET before:Unlinked
  }
  CALL (g) {
    MATCH (g)-[old]->()
    DELETE old
  }
  CREATE (g)-[:ANCHOR]->(t)
  WITH g, t
  CALL (t) {
    MATCH (t)
      (()<-[:INPUT|OUTPUT]-(x WHERE NOT x:Training|Inference))+
      (above)
    WITH DISTINCT above
    RETURN above AS n,
           CASE WHEN above:Artifact AND EXISTS { (above)<-[:OUTPUT]-() }
                     AND NOT EXISTS { (above)<-[:OUTPUT]-(p WHERE NOT p:Training|Inference) }
                THEN 1 ELSE 2 END AS rank
    UNION ALL
    MATCH (t)
      (()-[:INPUT|OUTPUT]->(x WHERE NOT x:Training|Ingestion|Resolution|Span
        AND (x:Artifact OR x.state <> 'CACHED')))*
      (below)
    WITH DISTINCT below
    OPTIONAL MATCH (below)-[:OUTPUT]->(span:Span)
    UNWIND CASE WHEN span IS NULL THEN [below] ELSE [below, span] END AS n
    RETURN n, 3 AS rank
    UNION ALL
    MATCH (t)
      (()<-[:INPUT|OUTPUT]-(x WHERE NOT x:Training|Inference))+
      (above)
    WITH DISTINCT above
    WHERE above:Artifact AND NOT above:Schema
    MATCH (above)-[:INPUT]->(first:Analysis|Validation WHERE first.state <> 'CACHED')
    WITH above, first
    WHERE NOT EXISTS { (above)<-[:OUTPUT]-() }
       OR EXISTS { (above)<-[:OUTPUT]-(p WHERE NOT p:Training|Inference) }
    WITH DISTINCT first
    MATCH (first)
      (()-[:INPUT|OUTPUT]->(x WHERE NOT x:Schema
        AND (x:Artifact OR (x:Analysis|Validation AND x.state <> 'CACHED'))))*
      (seen)
    WITH DISTINCT seen
    OPTIONAL MATCH (seen)-[:OUTPUT]->(schema:Schema)
    UNWIND CASE WHEN schema IS NULL THEN [seen] ELSE [seen, schema] END AS n
    RETURN n, 4 AS rank
    UNION ALL
    MATCH (t)
      (()<-[:INPUT|OUTPUT]-(x WHERE NOT x:Training|Inference|Schema))+
      (span)
    WITH DISTINCT span WHERE span:Span
    RETURN span AS n, 5 AS rank
  }
  WITH g, t, n, CASE WHEN n = t THEN 0 ELSE min(rank) END AS rank,
       max(rank) = 5 AS spanned, collect(rank) AS ranks
  FOREACH (_ IN CASE WHEN rank = 1 THEN [1] ELSE [] END | CREATE (g)-[:BOUNDARY]->(n))
  FOREACH (_ IN CASE WHEN rank = 2 AND NOT spanned THEN [1] ELSE [] END |
    CREATE (g)-[:ANCESTOR]->(n))
  FOREACH (_ IN CASE WHEN rank = 2 AND spanned THEN [1] ELSE [] END | CREATE (g)-[:SPAN]->(n))
  FOREACH (_ IN CASE WHEN rank = 3 THEN [1] ELSE [] END | CREATE (g)-[:DESCENDANT]->(n))
  FOREACH (_ IN CASE WHEN rank = 4 THEN [1] ELSE [] END | CREATE (g)-[:ANALYSIS]->(n))
  WITH g, t, count(*) AS members, collect(CASE WHEN n:Execution THEN n END) AS held,
       max(CASE WHEN rank IN [1, 2] AND 3 IN ranks THEN 1 ELSE 0 END) AS cyclic
  WITH g, t, members, held, cyclic, [e IN held WHERE e:Deployment] AS deployments
  FOREACH (_ IN CASE WHEN cyclic = 1 THEN [1] ELSE [] END | SET g:Cyclic)
  SET g += {
    source: t.source,
    source_id: t.source_id,
    name: 'graphlet of ' + t.name,
    pipeline: t.pipeline,
    node: t.node,
    family: t.family,
    started: t.started,
    began: reduce(first = null, e IN held |
      CASE WHEN first IS NULL OR e.started < first THEN e.started ELSE first END),
    ended: reduce(last = null, e IN held |
      CASE WHEN last IS NULL OR e.ended > last THEN e.ended ELSE last END),
    state: CASE WHEN any(e IN held WHERE e.state = 'RUNNING' AND e.abandoned IS NULL)
                THEN 'open' ELSE 'complete' END,
    pushed: CASE WHEN size(deployments) > 0 THEN EXISTS {
      MATCH (t)-[:OUTPUT]->(first)
      MATCH (first)
        ((z WHERE NOT z:Span)-[:INPUT|OUTPUT]->(x WHERE x:Model OR (x:Execution
          AND NOT x:Training|Ingestion|Resolution AND x.state <> 'CACHED')))*
        (line)
      MATCH (line)-[:INPUT]->(d)
      WHERE d IN deployments AND (d.state = 'COMPLETE' OR d.state = 'UNKNOWN')
        AND EXISTS { (d)-[:OUTPUT]->(a:Artifact) WHERE coalesce(a.pushed, true) }
    } ELSE false END,
    cost: round(reduce(sum = 0.0, e IN held |
      CASE e.cost_unit WHEN t.cost_unit THEN sum + coalesce(e.cost, 0.0) ELSE sum END), 6),
    cost_unit: t.cost_unit,
    executions: size(held),
    artifacts: members - size(held),
    place: CASE WHEN t.pipeline IS NOT NULL THEN
      left(t.source, 500) + '\u001F' + t.pipeline + '\u001F' + left(coalesce(t.node, ''), 200)
      + '\u001F'
      + coalesce(right('000000000000000' + toString(t.started.epochMillis + 62135596800000), 16),
                 '~')
      + CASE WHEN toIntegerOrNull(t.source_id) >= 0
             THEN '0' + right('000000000000000000' + toString(toIntegerOrNull(t.source_id)), 19)
             ELSE '1' END
      + left(t.source_id, 200) + right(t.source_id, 200) END
  }
} IN 2 CONCURRENT TRANSACTIONS OF $rows ROWS
  ON ERROR CONTINUE
  REPORT STATUS AS status
RETURN sum(CASE WHEN status.committed THEN 1 ELSE 0 END) AS graphlets,
       max(status.errorMessage) AS problem
ORDER BY graphlets
