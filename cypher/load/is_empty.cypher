// Whether the graph holds nothing but the version of its schema.
//
// returns empty: BOOLEAN, that it does
RETURN COUNT { MATCH (n) RETURN n } = COUNT { MATCH (n:Lineage) RETURN n } AS empty
ORDER BY empty
