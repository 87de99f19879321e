// Native types whose class is a guess: nothing named them, so they count as `other`.
//
// A trainer that hides here has no graphlet: name it with a rule in the settings.
//
// returns what: STRING, `execution` or `artifact`
// returns type: STRING, native type
// returns nodes: LIST<STRING>, node or task names, ten at most
// returns count: INTEGER, how many
// returns source: STRING, where they come from
MATCH (n:Other)
WHERE n.class_by = 'nothing'
WITH CASE WHEN n:Execution THEN 'execution' ELSE 'artifact' END AS what, n.type AS type,
     n.source AS source, n.node AS node, count(*) AS count
ORDER BY node
RETURN what, type, collect(node)[..10] AS nodes, sum(count) AS count, source
ORDER BY what DESC, count DESC, type, source
LIMIT 200
