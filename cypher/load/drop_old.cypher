// Take out again what a load brought from before the horizon and nothing that stays has to do with.
//
// $prefix: STRING, what the keys of the source begin with
// $horizon: INTEGER, how far back it is kept, ms since 1970
// returns dropped: INTEGER, artifacts, runs and contexts
// returns relationships: INTEGER, that went with them
// :param prefix => ''
// :param horizon => 0
// :auto
MATCH (n:Prunable)
WHERE n.key STARTS WITH $prefix OR n.dataset IS NOT NULL
WITH n, coalesce(coalesce(n.ended, n.started, n.created).epochMillis < $horizon, true)
        AND NOT EXISTS { (n)--(:Execution|Graphlet) }
        AND (n:Artifact OR NOT EXISTS { (n)<-[:IN_CONTEXT|PART_OF|OF]-(member)
                                        WHERE NOT member:Prunable }) AS goes
CALL (n, goes) {
  WITH *, CASE WHEN goes THEN COUNT { (n)--() } ELSE 0 END AS relationships
  FOREACH (_ IN CASE WHEN goes THEN [1] ELSE [] END | DETACH DELETE n)
  FOREACH (_ IN CASE WHEN goes THEN [] ELSE [1] END | REMOVE n:Prunable)
  RETURN relationships
} IN TRANSACTIONS OF 2000 ROWS
RETURN sum(CASE WHEN goes THEN 1 ELSE 0 END) AS dropped, sum(relationships) AS relationships
ORDER BY dropped
