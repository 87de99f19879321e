// What changed between the latest graphlet and the one before it in its line.
//
// Spans, operators, code versions and native properties (`p_*`). Executions are compared by their
// node or task name; where a graphlet holds several of one name, all their values stand together.
//
// returns graphlet: STRING, the latest graphlet that has one before it
// returns previous: STRING, the one before
// returns aspect: STRING, `span`, `operator`, `code version` or `parameter`
// returns operator: STRING, node or task, or null
// returns what: STRING, what differs
// returns before: LIST<ANY>, how it was, empty when it was not there
// returns after: LIST<ANY>, how it is, empty when it is gone
MATCH (previous:Graphlet)-[:NEXT]->(latest:Graphlet)
WHERE latest.started IS NOT NULL
WITH previous, latest ORDER BY latest.started DESC, latest.key LIMIT 1
CALL (previous, latest) {
  UNWIND [[previous, 0], [latest, 1]] AS side
  WITH side[0] AS g, side[1] AS turn
  MATCH (g)-[:SPAN]->(s:Artifact)
  WITH s, min(turn) AS first, max(turn) AS last
  WHERE first = last
  RETURN 'span' AS aspect, null AS operator, s.name AS what,
         CASE first WHEN 0 THEN [coalesce(s.uri, s.name)] ELSE [] END AS before,
         CASE first WHEN 1 THEN [coalesce(s.uri, s.name)] ELSE [] END AS after
  UNION
  UNWIND [[previous, 0], [latest, 1]] AS side
  WITH side[0] AS g, side[1] AS turn
  MATCH (g)-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]->(e:Execution)
  WITH turn, e, coalesce(e.node, e.type) AS operator
  UNWIND [['operator', e.operator, e.type]] +
         [['code version', 'code version', e.code_version]] +
         [name IN keys(e) WHERE name STARTS WITH 'p_' | ['parameter', name, e[name]]] AS fact
  WITH DISTINCT turn, operator, fact[0] AS aspect, fact[1] AS what, fact[2] AS value
  ORDER BY value
  WITH operator, aspect, what,
       collect(CASE turn WHEN 0 THEN value END) AS before,
       collect(CASE turn WHEN 1 THEN value END) AS after
  WHERE before <> after
  RETURN aspect, operator, what, before, after
}
RETURN latest.name AS graphlet, previous.name AS previous, aspect, operator, what, before, after
ORDER BY aspect DESC, operator, what
LIMIT 500
