// How like consecutive models of one trainer node are: the overlap of their spans.
//
// Filters choose pairs by the later model.
//
// $source: STRING, only this source, or null for all
// $pipeline: STRING, only this pipeline, or null for all
// $since: STRING, only what started at this time (ISO 8601) or later, or null
// $until: STRING, only what started before this time, or null
// $together: BOOLEAN, one row over all pairs, with source and pipeline null
// returns source: STRING, where the pipeline came from; null for all
// returns pipeline: STRING, the pipeline; null for all
// returns pairs: INTEGER, pairs of consecutive models of one trainer node
// returns sharing: INTEGER, pairs that have a span in common
// returns sharing_share: FLOAT, these, of the pairs, 0 to 1
// returns mean: FLOAT, mean jaccard similarity of their spans, 0 to 1
// returns least: FLOAT, its minimum
// returns lower: FLOAT, its lower quartile
// returns median: FLOAT, its median
// returns upper: FLOAT, its upper quartile
// returns most: FLOAT, its maximum
// returns edges: LIST<FLOAT>, bounds of its histogram's bins: tenths
// returns counts: LIST<INTEGER>, pairs in each bin, its lower bound included, 1 in the last
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
WITH source, pipeline, CASE WHEN jaccard < 1 THEN toInteger(jaccard * 10) ELSE 9 END AS bin,
     count(*) AS filled, sum(CASE WHEN shares THEN 1 ELSE 0 END) AS sharing,
     collect(jaccard) AS values
WITH source, pipeline, sum(filled) AS pairs, sum(sharing) AS sharing,
     collect([bin, filled]) AS bins, collect(values) AS lists
CALL (lists) {
  UNWIND lists AS values
  UNWIND values AS jaccard
  RETURN avg(jaccard) AS mean, min(jaccard) AS least, percentileCont(jaccard, 0.25) AS lower,
         percentileCont(jaccard, 0.5) AS median, percentileCont(jaccard, 0.75) AS upper,
         max(jaccard) AS most
}
RETURN source, pipeline, pairs, sharing, toFloat(sharing) / pairs AS sharing_share,
       mean, least, lower, median, upper, most,
       [bin IN range(0, 10) | bin / 10.0] AS edges,
       [bin IN range(0, 9) | coalesce(head([one IN bins WHERE one[0] = bin | one[1]]), 0)]
         AS counts
ORDER BY pairs DESC, source, pipeline
