// Mark the trainers whose graphlets a change may have altered, and take the mark off what changed.
//
// A walk that takes a new turn leaves the old graphlet at a node that is in it. So it is enough to
// look at who holds what changed and, where an execution got new inputs or outputs or another
// class, at who holds what it reads and writes, in the roles from which the rules go on:
// - upwards from what it writes: rule 2, and whether that is a boundary;
// - downwards from what it reads, unless that is a span: rule 3 (in a graphlet with a cycle also
//   when its role is an earlier one);
// - to an analysis or validation from what it reads, unless that is a schema: rule 4.
// Plan: CartesianProduct, graphlets with a cycle are few, and each is held against what was read.
//
// The cost depends on the change and on those who hold it, not on the graph.
//
// returns changed: INTEGER, executions and artifacts that had the mark
// :auto
MATCH (n:Unsegmented)
CALL (n) {
  REMOVE n:Unsegmented
  WITH n
  CALL (n) {
    WITH n WHERE n:Training AND n.state <> 'CACHED' AND n.pruned IS NULL
    RETURN n AS t
    UNION
    MATCH (n)<-[:ANCHOR|BOUNDARY|ANCESTOR|SPAN|DESCENDANT|ANALYSIS]-(g:Graphlet)-[:ANCHOR]->(t)
    RETURN t
    UNION
    WITH n WHERE n:Execution
    MATCH (n)-[:OUTPUT|REPUBLISHED]->(a)
    MATCH (a)<-[:BOUNDARY|ANCESTOR|SPAN]-(g:Graphlet)-[:ANCHOR]->(t)
    RETURN t
    UNION
    WITH n WHERE n:Execution AND NOT n:Training|Ingestion|Resolution AND n.state <> 'CACHED'
    MATCH (a WHERE NOT a:Span)-[:INPUT]->(n)
    MATCH (a)<-[:DESCENDANT]-(g:Graphlet)-[:ANCHOR]->(t)
    RETURN t
    UNION
    WITH n WHERE n:Execution AND NOT n:Training|Ingestion|Resolution AND n.state <> 'CACHED'
    MATCH (a WHERE NOT a:Span)-[:INPUT]->(n)
    WITH a
    MATCH (g:Cyclic)
    WHERE EXISTS { (g)-[:BOUNDARY|ANCESTOR]->(a) }
    MATCH (g)-[:ANCHOR]->(t)
    RETURN t
    UNION
    WITH n WHERE n:Analysis|Validation AND n.state <> 'CACHED'
    MATCH (a WHERE NOT a:Schema)-[:INPUT]->(n)
    MATCH (a)<-[:ANCESTOR|SPAN|DESCENDANT|ANALYSIS]-(g:Graphlet)-[:ANCHOR]->(t)
    RETURN t
  }
  WITH DISTINCT t
  SET t:Uncut
} IN TRANSACTIONS OF 1000 ROWS
RETURN count(*) AS changed
ORDER BY changed
