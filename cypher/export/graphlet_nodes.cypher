// A graphlet and its members, for other libraries.
//
// The first row is the graphlet itself, which has no role; it shares its key with its trainer.
//
// $key: STRING, the graphlet's key
// returns key: STRING, the node's key
// returns labels: LIST<STRING>, its labels, sorted
// returns role: STRING, what it is to the graphlet, or null
// returns span: BOOLEAN, whether the model was trained on it
// returns node: NODE, the node itself
// :param key => ''
MATCH (g:Graphlet {key: $key})
CALL (g) {
  RETURN g AS node, false AS span, null AS role
  UNION ALL
  MATCH (g)-[c:ANCHOR|BOUNDARY|ANCESTOR|SPAN|DESCENDANT|ANALYSIS]->(node)
  RETURN node, type(c) = 'SPAN' AS span,
         CASE type(c) WHEN 'ANCHOR' THEN 'trainer' WHEN 'SPAN' THEN 'ancestor'
                      ELSE toLower(type(c)) END AS role
}
RETURN node.key AS key, COLLECT { UNWIND labels(node) AS label RETURN label ORDER BY label } AS labels,
       role, span, node
ORDER BY role IS NOT NULL, key
