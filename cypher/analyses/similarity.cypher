// How like consecutive models of one trainer node are: the overlap of their spans.
//
// Filters choose pairs by the later model.
//
// $source: STRING, only this source, or null for all
// $pipeline: STRING, only this pipeline, or null for all
// $since: STRING, only what started at this time (ISO 8601) or later, or null
// $until: STRING, only what started before this time, or null
// $together: BOOLEAN, one row over all pairs, with source and pipeline null
// returns source: STRING, where they came from
// returns pipeline: STRING, their pipeline
// returns pairs: INTEGER, consecutive models of one trainer node
// returns sharing: INTEGER, pairs that have a span in common
// returns sharing_share: FLOAT, of the pairs, 0 to 1
// returns mean: FLOAT, of the jaccard similarity of their spans
// returns least: FLOAT, its minimum
// returns lower: FLOAT, its lower quartile
// returns median: FLOAT, its median
// returns upper: FLOAT, its upper quartile
// returns most: FLOAT, its maximum
// :param source => null
// :param pipeline => null
// :param since => null
// :param until => null
// :param together => false
MATCH ()-[next:NEXT]->(g:Graphlet)
WHERE ($source IS NULL OR g.source = $source)
  AND ($pipeline IS NULL OR g.pipeline = $pipeline)
  AND ($since IS NULL OR g.started >= datetime($since))
  AND ($until IS NULL OR g.started < datetime($until))
WITH CASE WHEN $together THEN null ELSE g.source END AS source,
     CASE WHEN $together THEN null ELSE g.pipeline END AS pipeline,
     next.jaccard AS jaccard,
     next.jaccard > 0 AND (next.jaccard < 1 OR EXISTS { (g)-[:SPAN]->() })
       AS shares
WITH source, pipeline, count(*) AS pairs, sum(CASE WHEN shares THEN 1 ELSE 0 END) AS sharing,
     avg(jaccard) AS mean, min(jaccard) AS least, percentileCont(jaccard, 0.25) AS lower,
     percentileCont(jaccard, 0.5) AS median, percentileCont(jaccard, 0.75) AS upper,
     max(jaccard) AS most
RETURN source, pipeline, pairs, sharing, toFloat(sharing) / pairs AS sharing_share,
       mean, least, lower, median, upper, most
ORDER BY pairs DESC, source, pipeline
