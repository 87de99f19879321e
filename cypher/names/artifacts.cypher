// The artifacts of some data sets.
//
// $datasets: LIST<STRING>, canonical names as the index has them
// returns key: STRING, its key
// returns id: STRING, its shared id
// returns digest: STRING, of its content, or null
// :param datasets => []
UNWIND $datasets AS name
MATCH (a:Artifact {dataset: name})
RETURN a.key AS key, a.source_id AS id, a.digest AS digest
ORDER BY key
