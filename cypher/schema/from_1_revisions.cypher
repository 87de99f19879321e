// From version 1: contents were told apart otherwise; forget how, so that a load writes them anew.
//
// returns changed: INTEGER, nodes looked at
// :auto
MATCH (n:Pipeline|Run|Context|Execution|Artifact)
CALL (n) {
  SET n.revision = split(n.revision, ':')[0] + ':'
} IN TRANSACTIONS OF 10000 ROWS
RETURN count(*) AS changed
ORDER BY changed
