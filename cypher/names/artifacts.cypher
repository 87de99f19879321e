// The artifacts of some data sets.
//
// $names: LIST<STRING>, canonical names
// returns key: STRING, its key
// returns id: STRING, its shared id
// returns digest: STRING, of its content, or null
// :param names => []
UNWIND $names AS name
MATCH (a:Artifact {dataset: name})
RETURN a.key AS key, a.source_id AS id, a.digest AS digest
ORDER BY key
