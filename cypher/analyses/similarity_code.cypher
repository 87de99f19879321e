// How like the code of consecutive models of one trainer node is: trainers and transformations.
//
// The similarity of a pair is the share of its operators (nodes that train, or transform what the
// model was trained on) whose code is the same in both; one that only one of them has is not. The
// code of an operator is the code version of its newest execution in the graphlet, else the path
// of its module as TFX packages it, which holds a digest. Operators whose code is not known in one
// of the two say nothing.
//
// The first row is over all pairs, with source and pipeline null. Filters choose pairs by the later
// model.
//
// $source: STRING, only this source, or null for all
// $pipeline: STRING, only this pipeline, or null for all
// $since: STRING, only what started at this time (ISO 8601) or later, or null
// $until: STRING, only what started before this time, or null
// returns source: STRING, where the pipeline came from; null for all
// returns pipeline: STRING, the pipeline; null for all
// returns pairs: INTEGER, pairs of consecutive models of one trainer node
// returns known: INTEGER, pairs whose similarity is known; the figures below are of these
// returns same: INTEGER, pairs of similarity 1
// returns mean: FLOAT, mean similarity, 0 to 1
// returns least: FLOAT, its minimum
// returns lower: FLOAT, its lower quartile
// returns median: FLOAT, its median
// returns upper: FLOAT, its upper quartile
// returns most: FLOAT, its maximum
// :param source => null
// :param pipeline => null
// :param since => null
// :param until => null
CALL () {
  MATCH ()-[:NEXT]->(g:Graphlet)
  WHERE ($source IS NULL OR g.source = $source)
    AND ($pipeline IS NULL OR g.pipeline = $pipeline)
    AND ($since IS NULL OR g.started >= datetime($since))
    AND ($until IS NULL OR g.started < datetime($until))
  RETURN g.source AS source, g.pipeline AS pipeline, 1 AS pair, null AS similarity
  UNION ALL
  MATCH (x:Training|Transformation)<-[:ANCHOR|ANCESTOR]-(g:Graphlet)
  WHERE ($source IS NULL OR g.source = $source)
    AND ($pipeline IS NULL OR g.pipeline = $pipeline)
  WITH g, coalesce(x.node, x.type) AS operator,
       max([coalesce(x.started.epochMillis, -1), x.key,
            coalesce(x.code_version, toString(x['p_module_path']), '')])[2] AS code
  MATCH (g)-[next:NEXT]-(:Graphlet)
  WITH next, operator, count(*) AS sides, min(code) AS code, max(code) AS other
  WITH next, sum(CASE code WHEN '' THEN 0 ELSE 1 END) AS operators,
       sum(CASE WHEN sides = 2 AND code <> '' AND code = other THEN 1 ELSE 0 END) AS unchanged
  WITH endNode(next) AS g, operators, unchanged
  WHERE operators > 0
    AND ($since IS NULL OR g.started >= datetime($since))
    AND ($until IS NULL OR g.started < datetime($until))
  RETURN g.source AS source, g.pipeline AS pipeline, 0 AS pair,
         toFloat(unchanged) / operators AS similarity
}
UNWIND [true, false] AS together
WITH together, CASE WHEN NOT together THEN source END AS source,
     CASE WHEN NOT together THEN pipeline END AS pipeline,
     sum(pair) AS pairs, count(similarity) AS known,
     sum(CASE WHEN similarity = 1 THEN 1 ELSE 0 END) AS same,
     avg(similarity) AS mean, min(similarity) AS least, percentileCont(similarity, 0.25) AS lower,
     percentileCont(similarity, 0.5) AS median, percentileCont(similarity, 0.75) AS upper,
     max(similarity) AS most
WHERE known > 0
RETURN source, pipeline, pairs, known, same, mean, least, lower, median, upper, most
ORDER BY together DESC, pairs DESC, source, pipeline
