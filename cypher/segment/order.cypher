// Link the graphlets that were cut to their neighbours, with how much their spans have in common.
//
// The graphlets of one trainer node are in a line, by the trainer's start (unknown last), then by
// its native id (as a number where it is one); `place` sorts so. A graphlet of no pipeline is in no
// line. Of each line the stretch from before the first that was cut to after the last is read from
// the index, in its order; without the hint the pipeline would be read. Spans are compared by
// content where a digest is known, else by identity. One line after the other, and the marks go last:
// in concurrent transactions, lines were left unlinked at times, on a busy machine.
//
// returns links: INTEGER, how many were written
// :auto
MATCH (g:Unlinked)
WITH g.source AS source, g.pipeline AS pipeline, coalesce(g.node, '') AS node, collect(g) AS line,
     min(g.place) AS low, max(g.place) AS high
CALL (source, pipeline, node, line, low, high) {
  CALL (line) {
    UNWIND line AS g
    MATCH (g)-[old:NEXT]-()
    DELETE old
  }
  CALL (source, pipeline, node, low, high) {
    WITH *, left(source, 500) + '\u001F' + pipeline + '\u001F' + left(node, 200) AS begin
    WITH *, coalesce(
           head(COLLECT { MATCH (s:Graphlet)
                          USING INDEX s:Graphlet(place)
                          WHERE s.place >= begin AND s.place < low AND s.source = source
                            AND s.pipeline = pipeline AND coalesce(s.node, '') = node
                          RETURN s.place ORDER BY s.place DESC LIMIT 1 }), low) AS first,
         coalesce(
           head(COLLECT { MATCH (s:Graphlet)
                          USING INDEX s:Graphlet(place)
                          WHERE s.place > high AND s.place < begin + '\u0020' AND s.source = source
                            AND s.pipeline = pipeline AND coalesce(s.node, '') = node
                          RETURN s.place ORDER BY s.place LIMIT 1 }), high) AS last
    MATCH (s:Graphlet)
    USING INDEX s:Graphlet(place)
    WHERE s.place >= first AND s.place <= last AND s.source = source
      AND s.pipeline = pipeline AND coalesce(s.node, '') = node
    WITH s ORDER BY s.place
    WITH collect(s) AS those
    UNWIND range(0, size(those) - 2) AS i
    WITH those[i] AS earlier, those[i + 1] AS later
    WHERE earlier:Unlinked OR later:Unlinked
    OPTIONAL MATCH (earlier)-[old:NEXT]->()
    DELETE old
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
} IN TRANSACTIONS OF 20 ROWS
RETURN sum(made) AS links
ORDER BY links
