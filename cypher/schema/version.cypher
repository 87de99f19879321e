// The version of the schema that the graph has; no row in a graph that is new.
//
// returns version: INTEGER, the schema's version
MATCH (meta:Lineage)
RETURN meta.version AS version
ORDER BY version DESC
LIMIT 1
