// The data sets that artifacts are versions of.
//
// returns dataset: STRING, canonical name
MATCH (a:Artifact)
WHERE a.dataset IS NOT NULL
RETURN DISTINCT a.dataset AS dataset
ORDER BY dataset
