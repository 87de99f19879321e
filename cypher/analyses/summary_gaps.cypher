// What the graph does not know, so that every answer says how complete it is.
//
// A gap is one of: set aside (records that could not be used, by kind and reason, with numbers and
// quoted values left out), unmatched type, open execution, abandoned execution, unknown cost,
// run without executions, source never segmented.
//
// $source: STRING, only this source, or null for all
// $pipeline: STRING, only this pipeline, or null for all
// $since: STRING, only what started at this time (ISO 8601) or later, or null
// $until: STRING, only what started before this time, or null
// returns gap: STRING, what is missing
// returns what: STRING, the kind, type, operator or source that it is missing of
// returns count: INTEGER, how often it is missing
// :param source => null
// :param pipeline => null
// :param since => null
// :param until => null
CALL () {
  MATCH (x:SetAside)
  WHERE $source IS NULL OR x.source = $source
  RETURN 0 AS rank, 'set aside' AS gap,
         x.kind + ':' + reduce(text = '', word IN split(x.reason, ' ') |
           text + ' ' + CASE WHEN word =~ '.*[0-9\'"].*' THEN '…' ELSE word END) AS what
  UNION ALL
  MATCH (n:Execution|Artifact)
  WHERE n:Other AND n.class_by = 'nothing' AND ($source IS NULL OR n.source = $source)
    AND ($pipeline IS NULL OR n.pipeline = $pipeline)
    AND ($since IS NULL OR coalesce(n.started, n.created) >= datetime($since))
    AND ($until IS NULL OR coalesce(n.started, n.created) < datetime($until))
  RETURN 1 AS rank, CASE WHEN n:Execution THEN 'unmatched type of execution'
                         ELSE 'unmatched type of artifact' END AS gap, n.type AS what
  UNION ALL
  MATCH (e:Execution)
  WHERE (e.state = 'RUNNING' OR e.cost IS NULL)
    AND ($source IS NULL OR e.source = $source)
    AND ($pipeline IS NULL OR e.pipeline = $pipeline)
    AND ($since IS NULL OR coalesce(e.started, e.created) >= datetime($since))
    AND ($until IS NULL OR coalesce(e.started, e.created) < datetime($until))
  UNWIND CASE WHEN e.abandoned THEN [3] WHEN e.state = 'RUNNING' THEN [2] ELSE [] END
         + CASE WHEN e.cost IS NULL THEN [4] ELSE [] END AS rank
  RETURN rank, CASE rank WHEN 2 THEN 'open execution' WHEN 3 THEN 'abandoned execution'
                         ELSE 'unknown cost' END AS gap, e.operator AS what
  UNION ALL
  MATCH (r:Run)
  WHERE $since IS NULL AND $until IS NULL
    AND ($source IS NULL OR r.source = $source)
    AND ($pipeline IS NULL OR EXISTS { (r)-[:OF]->(:Pipeline {name: $pipeline}) })
    AND NOT EXISTS { (r)<-[:IN_RUN]-() }
  RETURN 5 AS rank, 'run without executions' AS gap, r.source AS what
  UNION ALL
  MATCH (t:Training)
  WHERE t.state <> 'CACHED' AND NOT EXISTS { (t)<-[:ANCHOR]-() }
    AND ($source IS NULL OR t.source = $source)
    AND ($pipeline IS NULL OR t.pipeline = $pipeline)
    AND ($since IS NULL OR coalesce(t.started, t.created) >= datetime($since))
    AND ($until IS NULL OR coalesce(t.started, t.created) < datetime($until))
  RETURN 6 AS rank, 'trainer not segmented yet' AS gap, t.source AS what
}
WITH rank, gap, what, count(*) AS count
RETURN gap, what, count
ORDER BY rank, gap, count DESC, what
