// The graphlets of a pipeline in the order of time, for a picture of them.
//
// $source: STRING, the pipeline's source
// $pipeline: STRING, its name
// returns key: STRING, the graphlet's key
// returns name: STRING, the graphlet's name
// returns node: STRING, the trainer's node
// returns started: DATETIME, the trainer's start, else when its record was made
// returns began: DATETIME, start of the first execution in it
// returns ended: DATETIME, end of the last execution in it
// returns state: STRING, `open` or `complete`
// returns trainer: STRING, the trainer's state
// returns pushed: BOOLEAN, whether the model was deployed
// returns cost: FLOAT, of all its executions, in cost_unit
// returns cost_unit: STRING, the trainer's
// returns repeated: FLOAT, the part of its cost that did again what was done before
// returns repeats: INTEGER, executions in it that did
// returns jaccard: FLOAT, spans in common with the graphlet before it, or null for the first
// :param source => null
// :param pipeline => null
MATCH (g:Graphlet {pipeline: $pipeline})-[:ANCHOR]->(t:Execution)
WHERE g.source = $source
CALL (g) {
  MATCH (g)-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]->(e:Execution)
  WHERE EXISTS { (e)-[:REPEATS]->() }
  RETURN count(e) AS repeats,
         sum(CASE WHEN e.cost_unit = g.cost_unit THEN e.cost ELSE 0.0 END) AS repeated
}
OPTIONAL MATCH (g)<-[next:NEXT]-()
RETURN g.key AS key, g.name AS name, g.node AS node,
       coalesce(g.started, t.created, g.began) AS started, g.began AS began, g.ended AS ended,
       g.state AS state, CASE WHEN t.abandoned THEN 'ABANDONED' ELSE t.state END AS trainer,
       coalesce(g.pushed, false) AS pushed, g.cost AS cost, g.cost_unit AS cost_unit,
       repeated, repeats, next.jaccard AS jaccard
ORDER BY started, key
