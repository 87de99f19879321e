// Add up what marked executions read: who computes the same from the same shares the sum.
//
// The sum only finds those that may be equivalent; `redundancy/group` compares them one by one. An
// execution has none where it can be like no other: without a recipe; without inputs, or with one
// that is known by its name alone (no digest, no version, no producer), unless a parameter tells
// the content; with code of unknown version and in no pipeline.
//
// $hints: LIST<STRING>, input roles that do not alter what is computed
// returns signed: INTEGER, how many were looked at
// :param hints => ['analyzer_cache']
// :auto
MATCH (e:Unsigned)
CALL (e) {
  REMOVE e:Unsigned
  SET e:Ungrouped
  WITH e
  OPTIONAL MATCH (a)-[r:INPUT|REFERENCE]->(e)
  WHERE NOT r.role IN $hints
  WITH e, sum(coalesce(a.same, a.content) % 17592186044416) AS read, count(a) AS inputs,
       max(a.content > 0 AND a.version IS NULL AND NOT EXISTS { (a)<-[:OUTPUT]-() }) AS unknown
  SET e.signature = CASE
    WHEN (e.fingerprinted OR inputs > 0 AND NOT unknown)
      AND (e.code_version <> '' OR e.pipeline IS NOT NULL)
      AND (e.state = 'COMPLETE' OR EXISTS { (e)-[:OUTPUT]->() })
    THEN e.recipe + read END
} IN 2 CONCURRENT TRANSACTIONS OF 2000 ROWS
  ON ERROR CONTINUE
RETURN count(*) AS signed
ORDER BY signed
