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
WITH collect(t) AS asked
UNWIND range(0, size(asked) - 1, 200) AS first
WITH [i IN range(first, first + 199) WHERE i < size(asked) | asked[i]] AS trainers
CALL (trainers) {
  UNWIND trainers AS t
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
    WITH t, n, min(rank) AS least, max(rank) = 5 AS spanned
    WITH CASE WHEN n = t THEN 0 ELSE least END AS rank, spanned
    RETURN rank, count(*) AS here, sum(CASE WHEN rank = 2 AND spanned THEN 1 END) AS trained
  }
  RETURN rank, sum(here) AS some, sum(trained) AS spans
} IN 4 CONCURRENT TRANSACTIONS OF 1 ROW
RETURN rank, sum(some) AS members, sum(spans) AS spans
ORDER BY rank
