// The trainer nodes of a pipeline: what was trained there, what of it was pushed, and the cost.
//
// $key: STRING, the pipeline's key
// $limit: INTEGER, how many nodes at most, those with most models first
// $most: INTEGER, graphlets looked at
// returns node: STRING, the trainer's node
// returns models: INTEGER, graphlets
// returns pushed: INTEGER, of these, those pushed
// returns running: INTEGER, of these, those that are still open
// returns cost: FLOAT, of all of them, an execution counted in each graphlet that holds it
// returns unpushed: FLOAT, of that, of complete ones that were not pushed
// returns cost_unit: STRING, of both
// :param key => ''
// :param limit => 50
// :param most => 10000
MATCH (p:Pipeline {key: $key})
MATCH (g:Graphlet {pipeline: p.name})
WHERE g.source = p.source
WITH g LIMIT $most
WITH g.node AS node, g.cost_unit AS cost_unit, count(*) AS models,
     count(CASE WHEN g.pushed THEN 1 END) AS pushed,
     count(CASE WHEN g.state = 'open' THEN 1 END) AS running,
     sum(coalesce(g.cost, 0.0)) AS cost,
     sum(CASE WHEN g.state = 'complete' AND NOT g.pushed THEN coalesce(g.cost, 0.0) ELSE 0.0 END)
       AS unpushed
RETURN node, models, pushed, running, cost, unpushed, cost_unit
ORDER BY models DESC, node, cost_unit
LIMIT $limit
