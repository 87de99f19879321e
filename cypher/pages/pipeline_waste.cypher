// What was spent in vain on the newest graphlets of a pipeline, as far as these are complete.
//
// That is the cost of the executions that are in one unpushed graphlet alone.
//
// $key: STRING, the pipeline's key
// $models: INTEGER, how many of the newest graphlets
// $most: INTEGER, graphlets looked at, and executions of all of these
// returns models: INTEGER, complete graphlets
// returns unpushed: INTEGER, of these, those not pushed
// returns wasted: FLOAT, cost of executions that are in one of these alone
// returns cost_unit: STRING, of that
// returns whole: BOOLEAN, whether all their executions were looked at
// :param key => ''
// :param models => 200
// :param most => 10000
MATCH (p:Pipeline {key: $key})
CALL (p) {
  MATCH (g:Graphlet {pipeline: p.name})
  WHERE g.source = p.source AND g.state = 'complete'
  WITH g LIMIT $most
  WITH g ORDER BY g.started DESC, g.key LIMIT $models
  RETURN collect(g) AS graphlets
}
WITH graphlets, [g IN graphlets WHERE NOT g.pushed] AS lost
CALL (lost) {
  UNWIND lost AS g
  MATCH (g)-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]->(e:Execution)
  WITH e LIMIT $most
  WITH e.cost_unit AS cost_unit, count(*) AS seen,
       sum(CASE WHEN COUNT { (e)<-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]-() } = 1
                THEN coalesce(e.cost, 0.0) ELSE 0.0 END) AS wasted
  WITH collect({cost_unit: cost_unit, wasted: wasted}) AS units, sum(seen) AS seen
  UNWIND units AS unit
  RETURN unit.cost_unit AS cost_unit, unit.wasted AS wasted, seen
}
WITH size(graphlets) AS models, size(lost) AS unpushed, wasted, cost_unit, seen
WHERE cost_unit IS NOT NULL
RETURN models, unpushed, wasted, cost_unit, seen < $most AS whole
ORDER BY wasted DESC, cost_unit
