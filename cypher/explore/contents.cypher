// What does the graph hold?
//
// Executions and artifacts are counted by class; all else comes from the counts that Neo4j keeps.
//
// returns what: STRING, `node` or `relationship`
// returns name: STRING, label and class, or type
// returns count: INTEGER, how many
CALL () {
  MATCH (e:Execution)
  RETURN 'node' AS what, 'Execution: ' + e.operator AS name, count(*) AS count
  UNION ALL
  MATCH (a:Artifact)
  RETURN 'node' AS what, 'Artifact: ' + a.artifact AS name, count(*) AS count
  UNION ALL
  UNWIND [
    ['node', 'Pipeline', COUNT { (:Pipeline) }],
    ['node', 'Run', COUNT { (:Run) }],
    ['node', 'Context', COUNT { (:Context) }],
    ['node', 'Graphlet', COUNT { (:Graphlet) }],
    ['node', 'Source', COUNT { (:Source) }],
    ['node', 'Load', COUNT { (:Load) }],
    ['node', 'SetAside', COUNT { (:SetAside) }],
    ['relationship', 'INPUT', COUNT { ()-[:INPUT]->() }],
    ['relationship', 'OUTPUT', COUNT { ()-[:OUTPUT]->() }],
    ['relationship', 'REFERENCE', COUNT { ()-[:REFERENCE]->() }],
    ['relationship', 'REPUBLISHED', COUNT { ()-[:REPUBLISHED]->() }],
    ['relationship', 'INTERNAL_INPUT', COUNT { ()-[:INTERNAL_INPUT]->() }],
    ['relationship', 'INTERNAL_OUTPUT', COUNT { ()-[:INTERNAL_OUTPUT]->() }],
    ['relationship', 'PENDING_OUTPUT', COUNT { ()-[:PENDING_OUTPUT]->() }],
    ['relationship', 'IN_RUN', COUNT { ()-[:IN_RUN]->() }],
    ['relationship', 'OF', COUNT { ()-[:OF]->() }],
    ['relationship', 'IN_PIPELINE', COUNT { ()-[:IN_PIPELINE]->() }],
    ['relationship', 'IN_CONTEXT', COUNT { ()-[:IN_CONTEXT]->() }],
    ['relationship', 'PART_OF', COUNT { ()-[:PART_OF]->() }],
    ['relationship', 'ANCHOR', COUNT { ()-[:ANCHOR]->() }],
    ['relationship', 'SPAN', COUNT { ()-[:SPAN]->() }],
    ['relationship', 'ANCESTOR', COUNT { ()-[:ANCESTOR]->() }],
    ['relationship', 'BOUNDARY', COUNT { ()-[:BOUNDARY]->() }],
    ['relationship', 'DESCENDANT', COUNT { ()-[:DESCENDANT]->() }],
    ['relationship', 'ANALYSIS', COUNT { ()-[:ANALYSIS]->() }],
    ['relationship', 'NEXT', COUNT { ()-[:NEXT]->() }],
    ['relationship', 'REPEATS', COUNT { ()-[:REPEATS]->() }],
    ['relationship', 'CONCURRENT', COUNT { ()-[:CONCURRENT]->() }],
    ['relationship', 'LOADED', COUNT { ()-[:LOADED]->() }],
    ['relationship', 'FOUND', COUNT { ()-[:FOUND]->() }]
  ] AS kept
  RETURN kept[0] AS what, kept[1] AS name, kept[2] AS count
}
WITH what, name, count WHERE count > 0
RETURN what, name, count
ORDER BY what, count DESC, name
