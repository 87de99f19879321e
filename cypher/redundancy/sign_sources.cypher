// Add up what every execution of some sources reads; see `redundancy/sign`.
//
// $sources: LIST<STRING>, their names
// $hints: LIST<STRING>, input roles that do not alter what is computed
// returns signed: INTEGER, how many can be equivalent to others
// :param sources => []
// :param hints => ['analyzer_cache']
// :auto
MATCH (e:Execution)
WHERE e.recipe IS NOT NULL AND e.source IN $sources
  AND (e.code_version <> '' OR e.pipeline IS NOT NULL)
  AND (e.state = 'COMPLETE' OR EXISTS { (e)-[:OUTPUT]->() })
CALL (e) {
  OPTIONAL MATCH (a)-[r:INPUT|REFERENCE]->(e)
  WHERE NOT r.role IN $hints
  WITH e, sum(coalesce(a.same, a.content) % 17592186044416) AS read, count(a) AS inputs,
       max(a.content > 0 AND a.version IS NULL AND NOT EXISTS { (a)<-[:OUTPUT]-() }) AS unknown
  WHERE e.fingerprinted OR inputs > 0 AND NOT unknown
  SET e.signature = e.recipe + read
  RETURN 1 AS one
} IN 4 CONCURRENT TRANSACTIONS OF 10000 ROWS
RETURN count(*) AS signed
ORDER BY signed
