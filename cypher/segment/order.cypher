// Link the graphlets of each trainer node in order, with how much their spans have in common.
//
// The order is by the trainer's start (unknown last), then by its native id (as a number where it
// is one). A graphlet of no pipeline has no order. Spans are compared by content where a digest is known, else by identity.
//
// returns links: INTEGER, how many were written
// :auto
MATCH (g:Graphlet)
WITH g
ORDER BY g.source, g.pipeline, g.node, g.started IS NULL, g.started,
         toIntegerOrNull(g.source_id) IS NULL, toIntegerOrNull(g.source_id), g.source_id
WITH g.source AS source, g.pipeline AS pipeline, g.node AS node, collect(g) AS line
CALL (line) {
  UNWIND range(0, size(line) - 1) AS i
  WITH line[i] AS g, CASE WHEN i + 1 < size(line) THEN line[i + 1] END AS successor
  OPTIONAL MATCH (g)-[old:NEXT]->()
  DELETE old
  WITH g, successor WHERE successor IS NOT NULL AND g.pipeline IS NOT NULL
  WITH g, successor,
       COLLECT { MATCH (g)-[:CONTAINS {span: true}]->(s)
                 RETURN DISTINCT coalesce('digest ' + s.digest, s.key) } AS mine,
       COLLECT { MATCH (successor)-[:CONTAINS {span: true}]->(s)
                 RETURN DISTINCT coalesce('digest ' + s.digest, s.key) } AS theirs
  WITH g, successor, size(mine) + size(theirs) AS total,
       size([token IN mine WHERE token IN theirs]) AS both
  CREATE (g)-[:NEXT {
    jaccard: CASE total WHEN 0 THEN 1.0 ELSE toFloat(both) / (total - both) END
  }]->(successor)
  RETURN 1 AS link
} IN TRANSACTIONS OF 20 ROWS
RETURN count(link) AS links
ORDER BY links
