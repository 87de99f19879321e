// What did caching spare: the cost of the executions whose outputs cached ones handed on?
//
// Each cached execution spared what its originals cost when they ran; without an original that
// the graph knows, what it spared is unknown.
//
// returns pipeline: STRING, the pipeline, or null
// returns operator: STRING, node or task
// returns cached: INTEGER, cached executions
// returns without_original: INTEGER, those of them without a known original
// returns spared: FLOAT, cost of the originals, once for each cached execution
// returns cost_unit: STRING, its unit
MATCH (c:Execution)
WHERE c.state = 'CACHED'
CALL (c) {
  OPTIONAL MATCH (c)-[:REPUBLISHED]->(:Artifact)<-[:OUTPUT]-(original:Execution)
  WHERE original.cost IS NOT NULL
  WITH DISTINCT original
  RETURN original.cost_unit AS cost_unit, sum(original.cost) AS spared,
         count(original) AS originals
}
RETURN c.pipeline AS pipeline, coalesce(c.node, c.type) AS operator, count(*) AS cached,
       sum(CASE originals WHEN 0 THEN 1 ELSE 0 END) AS without_original, sum(spared) AS spared,
       coalesce(cost_unit, c.cost_unit) AS cost_unit
ORDER BY cost_unit, spared DESC, cached DESC, pipeline, operator
LIMIT 200
