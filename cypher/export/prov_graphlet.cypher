// A graphlet itself, as `lineage export prov` writes it.
//
// $key: STRING, the graphlet's key
// returns source: STRING, the trainer's source
// returns pipeline: STRING, the pipeline it counts for, or null
// returns state: STRING, `open` or `complete`
// returns pushed: BOOLEAN, whether the model was deployed
// returns cost: FLOAT, of all its executions
// returns cost_unit: STRING, of the cost
// :param key => ''
MATCH (g:Graphlet {key: $key})
RETURN g.source AS source, g.pipeline AS pipeline, g.state AS state, g.pushed AS pushed,
       g.cost AS cost, g.cost_unit AS cost_unit
ORDER BY source
