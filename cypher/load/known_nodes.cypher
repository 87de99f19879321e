// Which nodes of a batch the graph holds already, and in which revision.
//
// $keys: LIST<STRING>, keys of nodes
// returns key: STRING, the node's key
// returns revision: STRING, update time and content hash of the record it was written from
// returns created: INTEGER, creation time in the source, ms since 1970
// :param keys => []
UNWIND $keys AS key
MATCH (n:Pipeline|Run|Context|Execution|Artifact {key: key})
RETURN key, n.revision AS revision, n.created.epochMillis AS created
ORDER BY key
