// Write down the version of the schema.
//
// $version: INTEGER, the schema's version
// returns version: INTEGER, the schema's version
// :param version => 1
MERGE (meta:Lineage)
SET meta.version = $version, meta.name = 'lineage schema ' + toString($version)
RETURN meta.version AS version
ORDER BY version
