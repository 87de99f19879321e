// From version 4: when a model was pushed was not kept; mark pushed graphlets, to be cut again.
//
// returns marked: INTEGER, how many
// :auto
MATCH (g:Graphlet)-[:ANCHOR]->(t)
WHERE g.pushed AND g.pushed_at IS NULL
CALL (t) {
  SET t:Uncut
} IN TRANSACTIONS OF 10000 ROWS
RETURN count(*) AS marked
ORDER BY marked
