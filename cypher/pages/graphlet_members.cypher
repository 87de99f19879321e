// The members of a graphlet in the order of the data flow, a page of them.
//
// $key: STRING, the graphlet's key
// $skip: INTEGER, how many come before
// $limit: INTEGER, how many at most
// $most: INTEGER, of these, looked at
// returns total: INTEGER, how many there are; a span is counted once
// returns items: LIST<MAP>, kind, key, name and what is known of each
// :param key => ''
// :param skip => 0
// :param limit => 50
// :param most => 10000
MATCH (g:Graphlet {key: $key})
CALL (g) {
  MATCH (g)-[c:ANCHOR|BOUNDARY|ANCESTOR|SPAN|DESCENDANT|ANALYSIS]->(m)
  WITH c, m LIMIT $most
  WITH m, CASE type(c) WHEN 'BOUNDARY' THEN 0 WHEN 'ANCESTOR' THEN 1 WHEN 'SPAN' THEN 1
                       WHEN 'ANCHOR' THEN 2 WHEN 'DESCENDANT' THEN 3 ELSE 4 END AS place,
       CASE type(c) WHEN 'ANCHOR' THEN 'trainer' WHEN 'SPAN' THEN 'ancestor'
                    ELSE toLower(type(c)) END AS role,
       type(c) = 'SPAN' AS span
  ORDER BY place, coalesce(m.started, m.created), m.key SKIP $skip LIMIT $limit
  RETURN collect({kind: CASE WHEN m:Execution THEN 'execution' ELSE 'artifact' END,
                  key: m.key, name: m.name, class: coalesce(m.operator, m.artifact), role: role,
                  span: span, state: CASE WHEN m.abandoned THEN 'ABANDONED' ELSE m.state END,
                  started: coalesce(m.started, m.created), cost: m.cost, cost_unit: m.cost_unit,
                  holders: COUNT { (m)<-[:ANCHOR|BOUNDARY|ANCESTOR|SPAN|DESCENDANT|ANALYSIS]-() }
                 }) AS items
}
RETURN COUNT { (g)-[:ANCHOR|BOUNDARY|ANCESTOR|SPAN|DESCENDANT|ANALYSIS]->() } AS total, items
ORDER BY total
