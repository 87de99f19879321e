// All that is known of some executions and artifacts but for the long lists, for a picture of them.
//
// $keys: LIST<STRING>, their keys
// returns key: STRING, the node's key
// returns maker: STRING, name of what wrote it
// returns properties: MAP, the node's
// :param keys => []
UNWIND $keys AS key
CALL (key) {
  MATCH (n:Execution {key: key})
  RETURN n
  UNION
  MATCH (n:Artifact {key: key})
  RETURN n
}
RETURN key, head(COLLECT { MATCH (n)<-[:OUTPUT]-(p) RETURN p.name ORDER BY p.key LIMIT 1 }) AS maker,
       n {.*, feature_names: null, feature_kinds: null, feature_weights: null,
          feature_hashes: null} AS properties
ORDER BY key
