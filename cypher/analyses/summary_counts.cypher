// How much the graph holds, and over which time.
//
// Filters choose executions by the pipeline they count for and their start, graphlets by their
// trainer's; runs and artifacts by the executions in them and at them.
//
// $source: STRING, only this source, or null for all
// $pipeline: STRING, only this pipeline, or null for all
// $since: STRING, only what started at this time (ISO 8601) or later, or null
// $until: STRING, only what started before this time, or null
// returns what: STRING, what is counted: sources, ..., `events INPUT`, ..., `graphlets pushed`, ...
// returns count: INTEGER, how many there are
// returns first: DATETIME, first start, of executions and graphlets; else null
// returns last: DATETIME, last end or start, of executions and graphlets; else null
// :param source => null
// :param pipeline => null
// :param since => null
// :param until => null
CALL () {
  MATCH (s:Source)
  WHERE $source IS NULL OR s.name = $source
  WITH count(s) AS count
  RETURN 0 AS place, 'sources' AS what, count, null AS first, null AS last
  UNION ALL
  MATCH (p:Pipeline)
  WHERE ($source IS NULL OR p.source = $source) AND ($pipeline IS NULL OR p.name = $pipeline)
  WITH count(p) AS count
  RETURN 1 AS place, 'pipelines' AS what, count, null AS first, null AS last
  UNION ALL
  WITH 1 AS whole WHERE $pipeline IS NULL AND $since IS NULL AND $until IS NULL
  MATCH (r:Run)
  WHERE $source IS NULL OR r.source = $source
  WITH count(r) AS count
  RETURN 2 AS place, 'runs' AS what, count, null AS first, null AS last
  UNION ALL
  WITH 1 AS part WHERE $pipeline IS NOT NULL OR $since IS NOT NULL OR $until IS NOT NULL
  MATCH (e:Execution)
  WHERE ($source IS NULL OR e.source = $source)
    AND ($pipeline IS NULL OR e.pipeline = $pipeline)
    AND ($since IS NULL OR coalesce(e.started, e.created) >= datetime($since))
    AND ($until IS NULL OR coalesce(e.started, e.created) < datetime($until))
  MATCH (e)-[:IN_RUN]->(r:Run)
  WITH count(DISTINCT r) AS count
  RETURN 2 AS place, 'runs' AS what, count, null AS first, null AS last
  UNION ALL
  MATCH (e:Execution)
  WHERE ($source IS NULL OR e.source = $source)
    AND ($pipeline IS NULL OR e.pipeline = $pipeline)
    AND ($since IS NULL OR coalesce(e.started, e.created) >= datetime($since))
    AND ($until IS NULL OR coalesce(e.started, e.created) < datetime($until))
  WITH count(e) AS count, min(e.started) AS first, max(coalesce(e.ended, e.started)) AS last
  RETURN 3 AS place, 'executions' AS what, count, first, last
  UNION ALL
  WITH 1 AS whole WHERE $pipeline IS NULL AND $since IS NULL AND $until IS NULL
  MATCH (a:Artifact)
  WHERE $source IS NULL OR a.source = $source
  WITH count(a) AS count
  RETURN 4 AS place, 'artifacts' AS what, count, null AS first, null AS last
  UNION ALL
  WITH 1 AS part WHERE $pipeline IS NOT NULL OR $since IS NOT NULL OR $until IS NOT NULL
  MATCH (e:Execution)
  WHERE ($source IS NULL OR e.source = $source)
    AND ($pipeline IS NULL OR e.pipeline = $pipeline)
    AND ($since IS NULL OR coalesce(e.started, e.created) >= datetime($since))
    AND ($until IS NULL OR coalesce(e.started, e.created) < datetime($until))
  MATCH (e)--(a:Artifact)
  WITH count(DISTINCT a) AS count
  RETURN 4 AS place, 'artifacts' AS what, count, null AS first, null AS last
  UNION ALL
  // The counts of whole types are kept by the database.
  WITH 1 AS whole
  WHERE $source IS NULL AND $pipeline IS NULL AND $since IS NULL AND $until IS NULL
  UNWIND [['INPUT', COUNT { ()-[:INPUT]->() }], ['OUTPUT', COUNT { ()-[:OUTPUT]->() }],
          ['REFERENCE', COUNT { ()-[:REFERENCE]->() }],
          ['REPUBLISHED', COUNT { ()-[:REPUBLISHED]->() }],
          ['INTERNAL_INPUT', COUNT { ()-[:INTERNAL_INPUT]->() }],
          ['INTERNAL_OUTPUT', COUNT { ()-[:INTERNAL_OUTPUT]->() }],
          ['PENDING_OUTPUT', COUNT { ()-[:PENDING_OUTPUT]->() }]] AS row
  WITH row WHERE row[1] > 0
  RETURN 5 AS place, 'events ' + row[0] AS what, row[1] AS count, null AS first, null AS last
  UNION ALL
  WITH 1 AS part
  WHERE $source IS NOT NULL OR $pipeline IS NOT NULL OR $since IS NOT NULL OR $until IS NOT NULL
  MATCH (e:Execution)
  WHERE ($source IS NULL OR e.source = $source)
    AND ($pipeline IS NULL OR e.pipeline = $pipeline)
    AND ($since IS NULL OR coalesce(e.started, e.created) >= datetime($since))
    AND ($until IS NULL OR coalesce(e.started, e.created) < datetime($until))
  WITH e
  MATCH (e)-[r:INPUT|OUTPUT|REFERENCE|REPUBLISHED|INTERNAL_INPUT|INTERNAL_OUTPUT|PENDING_OUTPUT]-(:Artifact)
  WITH type(r) AS type, count(*) AS count
  RETURN 5 AS place, 'events ' + type AS what, count, null AS first, null AS last
  UNION ALL
  MATCH (g:Graphlet)
  WHERE ($source IS NULL OR g.source = $source)
    AND ($pipeline IS NULL OR g.pipeline = $pipeline)
    AND ($since IS NULL OR g.started >= datetime($since))
    AND ($until IS NULL OR g.started < datetime($until))
  WITH count(g) AS graphlets, min(g.started) AS first, max(g.started) AS last,
       sum(CASE WHEN g.pushed THEN 1 ELSE 0 END) AS pushed,
       sum(CASE WHEN NOT g.pushed AND g.state = 'open' THEN 1 ELSE 0 END) AS open
  UNWIND [[7, 'graphlets', graphlets], [8, 'graphlets pushed', pushed],
          [9, 'graphlets unpushed', graphlets - pushed - open], [10, 'graphlets open', open]] AS row
  RETURN row[0] AS place, row[1] AS what, row[2] AS count,
         CASE row[0] WHEN 7 THEN first END AS first, CASE row[0] WHEN 7 THEN last END AS last
}
WITH place, what, sum(count) AS count, min(first) AS first, max(last) AS last
RETURN what, count, first, last
ORDER BY place, what
