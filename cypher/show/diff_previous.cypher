// The graphlet before one, in the line of its trainer node.
//
// $key: STRING, the key of the later one
// returns key: STRING, that of the earlier one
// :param key => ''
MATCH (earlier:Graphlet)-[:NEXT]->(:Graphlet {key: $key})
RETURN earlier.key AS key
ORDER BY key
