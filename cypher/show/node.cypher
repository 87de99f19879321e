// One node with all its properties.
//
// $label: STRING, Graphlet, Execution, Artifact, Pipeline or Run
// $key: STRING, its key
// returns properties: MAP, all of them
// :param label => 'Graphlet'
// :param key => ''
MATCH (n:Graphlet|Execution|Artifact|Pipeline|Run {key: $key})
WHERE $label IN labels(n)
RETURN properties(n) AS properties
ORDER BY n.key
