// How many nodes of each kind there are; the store has these numbers at hand.
//
// It gives them only to a count without a key, so that each is counted before it has a name.
//
// returns what: STRING, of what
// returns count: INTEGER, how many
CALL () {
  MATCH (n:Pipeline) WITH count(n) AS count RETURN 0 AS place, 'pipelines' AS what, count
  UNION ALL
  MATCH (n:Run) WITH count(n) AS count RETURN 1 AS place, 'runs' AS what, count
  UNION ALL
  MATCH (n:Graphlet) WITH count(n) AS count RETURN 2 AS place, 'graphlets' AS what, count
  UNION ALL
  MATCH (n:Execution) WITH count(n) AS count RETURN 3 AS place, 'executions' AS what, count
  UNION ALL
  MATCH (n:Artifact) WITH count(n) AS count RETURN 4 AS place, 'artifacts' AS what, count
}
RETURN what, count
ORDER BY place
