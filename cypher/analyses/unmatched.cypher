// Native types that no rule or name matched: their class `other` is only a guess.
//
// A trainer among them is silently missed: give it a class with a rule in the settings.
//
// $source: STRING, only this source, or null for all
// returns kind: STRING, `execution` or `artifact`
// returns type: STRING, native type
// returns node: STRING, node or task name of executions, else null
// returns count: INTEGER, how many
// returns sources: LIST<STRING>, where they came from
// :param source => null
CALL () {
  MATCH (e:Execution&Other)
  WHERE e.class_by = 'nothing' AND ($source IS NULL OR e.source = $source)
  RETURN 'execution' AS kind, e.type AS type, e.node AS node, e.source AS source
  UNION ALL
  MATCH (a:Artifact&Other)
  WHERE a.class_by = 'nothing' AND ($source IS NULL OR a.source = $source)
  RETURN 'artifact' AS kind, a.type AS type, null AS node, a.source AS source
}
WITH kind, type, node, source ORDER BY source
RETURN kind, type, node, count(*) AS count, collect(DISTINCT source) AS sources
ORDER BY kind DESC, count DESC, type, node
