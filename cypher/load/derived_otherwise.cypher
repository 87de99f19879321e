// The sources that were loaded with other settings than those of now.
//
// Left out are sources that were pruned: what is left from before keeps how it was derived.
//
// $derivation: STRING, digest of the settings of now
// returns source: STRING, the source's name
// :param derivation => ''
MATCH (s:Source)
WHERE s.derivation <> $derivation AND s.horizon IS NULL
RETURN s.name AS source
ORDER BY source
