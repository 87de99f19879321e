// Cut the graphlet of every marked trainer and write it.
//
// One walk for each rule of "What a graphlet is"; a node that several rules reach keeps the first
// role of: 0 trainer, 1 boundary, 2 ancestor, 3 descendant, 4 analysis. Rank 5 marks the spans.
// Each walk visits a node once (a pruned breadth-first expansion), so cycles and diamonds are safe;
// its end has no label in the pattern, or the plan may start from that label and list every path.
// Spans (rule 3) and schemas (rule 4) are hubs that are kept but not followed: the walk does not
// enter them, which would list all that they touch, and a last step adds them.
//
// The model line is what the trainer wrote, and every model that a descendant wrote while reading
// the line. A complete deployment in the graphlet that reads the line and put something out, other
// than an artifact that says `pushed: false`, has pushed it. The mark goes with the graphlet's
// transaction: what is cut short goes on where it was.
//
// What begins anew for each row of a CALL is dear, so a bundle of trainers is a row. Four
// transactions keep two cores at work while others commit; bundles that are under way together lie
// a sixteenth of all apart, or two of one pipeline meet at the nodes that they share.
//
// $pipeline: STRING, only trainers that count for this pipeline, or null for all
// $rows: INTEGER, graphlets in one transaction
// returns graphlets: INTEGER, how many were written
// returns problem: STRING, why others were not, or null: two transactions met at a shared node, or
//   one was too large; they keep their marks
// :param pipeline => null
// :param rows => 100
// :auto
MATCH (t:Uncut)
WHERE $pipeline IS NULL OR t.pipeline = $pipeline
WITH t ORDER BY t.source, t.pipeline, t.key
WITH collect(t) AS marked
UNWIND range(0, size(marked) - 1, $rows) AS first
WITH marked, first ORDER BY first / $rows % (size(marked) / $rows / 16 + 1), first
WITH [i IN range(first, first + $rows - 1) WHERE i < size(marked) | marked[i]] AS trainers
CALL (trainers) {
  UNWIND trainers AS t
  REMOVE t:Uncut
  MERGE (g:Graphlet {key: t.key})
  REMOVE g:Cyclic
  SET g:Unlinked
  WITH g, t
  OPTIONAL MATCH (before:Graphlet)-[:NEXT]->(g)
  SET before:Unlinked
  WITH g, t
  OPTIONAL MATCH (g)-[old]->()
  DELETE old
  WITH DISTINCT g, t
  CALL (t) {
    WITH t, COLLECT {
      MATCH (t)
        (()<-[:INPUT|OUTPUT]-(x WHERE NOT x:Training|Inference))+
        (n)
      RETURN DISTINCT n
    } AS above
    WITH t, above, COLLECT {
      UNWIND above AS n
      MATCH (n:Artifact)<-[:OUTPUT]-(:Training|Inference)
      WITH DISTINCT n
      WHERE NOT EXISTS { (n)<-[:OUTPUT]-(p WHERE NOT p:Training|Inference) }
      RETURN n
    } AS boundary
    CALL (t, above, boundary) {
      UNWIND above AS n
      RETURN n, CASE WHEN n IN boundary THEN 1 ELSE 2 END AS rank
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
      UNWIND above AS data
      WITH data
      WHERE data:Artifact AND NOT data:Schema AND NOT data IN boundary
      MATCH (data)-[:INPUT]->(first:Analysis|Validation WHERE first.state <> 'CACHED')
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
    WITH n, min(rank) AS least, max(rank) = 5 AS spanned, max(rank = 3) AS below
    RETURN n, least, spanned, below
  }
  WITH g, t, n,
       CASE WHEN n = t THEN 'ANCHOR' WHEN least = 2 AND spanned THEN 'SPAN'
            ELSE ['BOUNDARY', 'ANCESTOR', 'DESCENDANT', 'ANALYSIS'][least - 1] END AS role,
       n <> t AND least < 3 AND below AS cycle,
       CASE WHEN n:Execution THEN n END AS e
  CREATE (g)-[:$(role)]->(n)
  WITH g, t, count(*) AS members, count(e) AS executions, max(cycle) AS cyclic,
       collect(CASE WHEN e:Deployment THEN e END) AS deployments,
       min(e.started) AS began, max(e.ended) AS ended,
       max(e:Running AND e.abandoned IS NULL) AS running,
       sum(CASE WHEN e.cost_unit = t.cost_unit THEN e.cost END) AS cost
  FOREACH (_ IN CASE WHEN cyclic THEN [1] ELSE [] END | SET g:Cyclic)
  WITH *, CASE WHEN size(deployments) > 0 THEN COLLECT {
    MATCH (t)-[:OUTPUT]->(first)
    MATCH (first)
      ((z WHERE NOT z:Span)-[:INPUT|OUTPUT]->(x WHERE x:Model OR (x:Execution
        AND NOT x:Training|Ingestion|Resolution AND x.state <> 'CACHED')))*
      (line)
    MATCH (line)-[:INPUT]->(d)
    WHERE d IN deployments AND (d.state = 'COMPLETE' OR d.state = 'UNKNOWN')
      AND EXISTS { (d)-[:OUTPUT]->(a:Artifact) WHERE coalesce(a.pushed, true) }
    WITH DISTINCT d
    RETURN coalesce(d.ended.epochMillis, 253402300800000) AS at ORDER BY at
  } ELSE [] END AS pushes
  SET g += {
    source: t.source,
    source_id: t.source_id,
    name: 'graphlet of ' + t.name,
    pipeline: t.pipeline,
    node: t.node,
    family: t.family,
    started: t.started,
    began: began,
    ended: ended,
    state: CASE WHEN running THEN 'open' ELSE 'complete' END,
    pushed: size(pushes) > 0,
    pushed_at: CASE WHEN head(pushes) IS NOT NULL AND head(pushes) < 253402300800000
                    THEN datetime({epochMillis: head(pushes)}) END,
    cost: round(toFloat(cost), 6),
    cost_unit: t.cost_unit,
    executions: executions,
    artifacts: members - executions,
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
  RETURN count(*) AS done
} IN 4 CONCURRENT TRANSACTIONS OF 1 ROW
  ON ERROR CONTINUE
  REPORT STATUS AS status
RETURN coalesce(sum(done), 0) AS graphlets, max(status.errorMessage) AS problem
ORDER BY graphlets
