// How many nodes of each kind there are; the store has these numbers at hand.
//
// returns what: STRING, of what
// returns count: INTEGER, how many
CALL () {
  MATCH (n:Pipeline) RETURN 0 AS place, 'pipelines' AS what, count(n) AS count
  UNION ALL
  MATCH (n:Run) RETURN 1 AS place, 'runs' AS what, count(n) AS count
  UNION ALL
  MATCH (n:Graphlet) RETURN 2 AS place, 'graphlets' AS what, count(n) AS count
  UNION ALL
  MATCH (n:Execution) RETURN 3 AS place, 'executions' AS what, count(n) AS count
  UNION ALL
  MATCH (n:Artifact) RETURN 4 AS place, 'artifacts' AS what, count(n) AS count
}
RETURN what, count
ORDER BY place
