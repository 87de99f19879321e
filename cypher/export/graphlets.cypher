// Every graphlet with its members, as `lineage export graphlets` prints them.
//
// An execution's cost is shared evenly by the graphlets that hold it: the attributed cost.
//
// $pipeline: STRING, only graphlets of this pipeline, or null for all
// returns key: STRING, the graphlet's key
// returns source: STRING, the trainer's source
// returns pipeline: STRING, the pipeline it counts for, or null
// returns trainer: STRING, the trainer's native id
// returns state: STRING, `open` or `complete`
// returns pushed: BOOLEAN, whether the model was deployed
// returns cost: FLOAT, of all its executions
// returns attributed_cost: FLOAT, its share of that
// returns executions: LIST<MAP>, source, source_id and role, sorted
// returns artifacts: LIST<MAP>, source, source_id and role, sorted
// returns spans: LIST<MAP>, source and source_id, sorted
// :param pipeline => null
MATCH (g:Graphlet)
WHERE $pipeline IS NULL OR g.pipeline = $pipeline
WITH g ORDER BY g.key
RETURN g.key AS key, g.source AS source, g.pipeline AS pipeline, g.source_id AS trainer,
       g.state AS state, g.pushed AS pushed, g.cost AS cost,
       reduce(sum = 0.0, share IN COLLECT {
         MATCH (g)-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]->(e:Execution)
         WHERE e.cost_unit = g.cost_unit AND e.cost IS NOT NULL
         RETURN e.cost / COUNT { (e)<-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]-() } ORDER BY e.key
       } | sum + share) AS attributed_cost,
       COLLECT {
         MATCH (g)-[c:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]->(e:Execution)
         RETURN {source: e.source, source_id: e.source_id, 
                 role: CASE type(c) WHEN 'ANCHOR' THEN 'trainer' ELSE toLower(type(c)) END}
         ORDER BY e.source, e.source_id
       } AS executions,
       COLLECT {
         MATCH (g)-[c:BOUNDARY|ANCESTOR|SPAN|DESCENDANT|ANALYSIS]->(a:Artifact)
         RETURN {source: a.source, source_id: a.source_id, 
                 role: CASE type(c) WHEN 'SPAN' THEN 'ancestor' ELSE toLower(type(c)) END}
         ORDER BY a.source, a.source_id
       } AS artifacts,
       COLLECT {
         MATCH (g)-[:SPAN]->(s:Artifact)
         RETURN {source: s.source, source_id: s.source_id}
         ORDER BY s.source, s.source_id
       } AS spans
ORDER BY key
