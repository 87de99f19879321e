// Which keys of a list no node has.
//
// $keys: LIST<STRING>, keys of nodes
// returns key: STRING, one that is missing
// :param keys => []
UNWIND $keys AS key
OPTIONAL MATCH (n:Pipeline|Run|Context|Execution|Artifact {key: key})
WITH DISTINCT key, n WHERE n IS NULL
RETURN key
ORDER BY key
