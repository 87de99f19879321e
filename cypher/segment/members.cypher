// The members of every graphlet by role, counted; nothing is written.
//
// The walks are those of `segment/cut`. Ranks: 0 trainer, 1 boundary, 2 ancestor, 3 descendant,
// 4 analysis; spans are ancestors.
//
// $pipeline: STRING, only trainers that count for this pipeline, or null for all
// returns rank: INTEGER, the rank
// returns members: INTEGER, how many members
// returns spans: INTEGER, how many of them are spans trained on
// :param pipeline => null
// :auto
MATCH (t:Training)
WHERE t.state <> 'CACHED' AND ($pipeline IS NULL OR t.pipeline = $pipeline)
CALL (t) {
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
  WITH t, n, CASE WHEN n = t THEN 0 ELSE min(rank) END AS rank, max(rank) = 5 AS spanned
  RETURN rank, count(*) AS some, sum(CASE WHEN rank = 2 AND spanned THEN 1 ELSE 0 END) AS trained
} IN 2 CONCURRENT TRANSACTIONS OF 200 ROWS
RETURN rank, sum(some) AS members, sum(trained) AS spans
ORDER BY rank
