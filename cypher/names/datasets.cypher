// The data sets that artifacts are versions of.
//
// returns name: STRING, canonical name
MATCH (a:Artifact)
WHERE a.dataset IS NOT NULL
RETURN DISTINCT coalesce(a.full_name, a.name) AS name
ORDER BY name
