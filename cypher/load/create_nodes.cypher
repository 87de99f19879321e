// Create nodes that the graph does not hold yet.
//
// $rows: LIST<MAP>, labels, properties, and times in ms since 1970, as the loader makes them
// returns created: INTEGER, how many
// :param rows => []
UNWIND $rows AS row
CREATE (n:$(row.labels))
SET n = row.properties
SET n += {
  created: CASE WHEN row.created IS NOT NULL THEN datetime({epochMillis: row.created}) END,
  updated: CASE WHEN row.updated IS NOT NULL THEN datetime({epochMillis: row.updated}) END,
  started: CASE WHEN row.started IS NOT NULL THEN datetime({epochMillis: row.started}) END,
  ended: CASE WHEN row.ended IS NOT NULL THEN datetime({epochMillis: row.ended}) END
}
RETURN count(*) AS created
ORDER BY created
