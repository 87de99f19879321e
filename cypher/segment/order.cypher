// Link the graphlets that were cut to their neighbours, with how much their spans have in common.
//
// The graphlets of one trainer node are in a line, by the trainer's start (unknown last), then by
// its native id (as a number where it is one); `place` sorts so. A graphlet of no pipeline is in no
// line. Spans are compared by content where a digest is known, else by identity. From the last to
// the first, so that each link is made once, when the earlier of two is reached; no two transactions
// work on the same line, and their marks go last. The index gives the neighbours in their order; without the hint each
// pipeline would be read once for each graphlet.
//
// returns links: INTEGER, how many were written
// :auto
MATCH (g:Unlinked)
WITH g ORDER BY g.place DESC
WITH g.source AS source, g.pipeline AS pipeline, g.node AS node, collect(g) AS line
CALL (line) {
  CALL (line) {
    UNWIND line AS g
    CALL (g) {
      MATCH (g)-[old:NEXT]-()
      DELETE old
    }
    WITH g,
         left(g.source, 500) + '\u001F' + g.pipeline + '\u001F' + left(coalesce(g.node, ''), 200)
           AS begin
    WHERE g.place IS NOT NULL
    CALL (g, begin) {
      MATCH (s:Graphlet)
      USING INDEX s:Graphlet(place)
      WHERE s.place > g.place AND s.place < begin + '\u0020'
        AND s.source = g.source AND s.pipeline = g.pipeline
        AND coalesce(s.node, '') = coalesce(g.node, '')
      RETURN g AS earlier, s AS later ORDER BY s.place LIMIT 1
      UNION ALL
      MATCH (s:Graphlet)
      USING INDEX s:Graphlet(place)
      WHERE s.place < g.place AND s.place >= begin
        AND s.source = g.source AND s.pipeline = g.pipeline
        AND coalesce(s.node, '') = coalesce(g.node, '')
      WITH s ORDER BY s.place DESC LIMIT 1
      WHERE NOT s:Unlinked
      CALL (s) {
        MATCH (s)-[old:NEXT]->()
        DELETE old
      }
      RETURN s AS earlier, g AS later
    }
    WITH earlier, later,
         COLLECT { MATCH (earlier)-[:SPAN]->(s)
                   RETURN DISTINCT coalesce('digest ' + s.digest, s.key) } AS mine,
         COLLECT { MATCH (later)-[:SPAN]->(s)
                   RETURN DISTINCT coalesce('digest ' + s.digest, s.key) } AS theirs
    WITH earlier, later, size(mine) + size(theirs) AS total,
         size([token IN mine WHERE token IN theirs]) AS both
    CREATE (earlier)-[:NEXT {
      jaccard: CASE total WHEN 0 THEN 1.0 ELSE toFloat(both) / (total - both) END
    }]->(later)
    RETURN count(*) AS made
  }
  FOREACH (g IN line | REMOVE g:Unlinked)
  RETURN made
} IN 2 CONCURRENT TRANSACTIONS OF 5 ROWS
RETURN sum(made) AS links
ORDER BY links
