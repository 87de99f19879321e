// How pipelines differ in lifespan, cadence, models pushed, size of their traces, and data.
//
// The values are those of pipelines with executions that are chosen. A trace is a pipeline's
// executions and the artifacts at them. Its data are artifacts whose features are known, each
// counted for the pipelines that wrote it, or if none did, for those that read it; the value is the
// mean over them.
//
// $source: STRING, only this source, or null for all
// $pipeline: STRING, only this pipeline, or null for all
// $since: STRING, only what started at this time (ISO 8601) or later, or null
// $until: STRING, only what started before this time, or null
// returns measure: STRING, what is measured
// returns unit: STRING, of the values; `share` is 0 to 1, null for plain numbers
// returns count: INTEGER, values
// returns mean: FLOAT, of them
// returns least: FLOAT, the smallest
// returns p10: FLOAT, a tenth is no more than this; percentiles are interpolated
// returns lower: FLOAT, the lower quartile
// returns median: FLOAT, the middle
// returns upper: FLOAT, the upper quartile
// returns p90: FLOAT, nine tenths are no more than this
// returns p99: FLOAT, all but a hundredth are no more than this
// returns most: FLOAT, the largest
// returns edges: LIST<FLOAT>, bounds of the histogram's bins: 1, 2, 5, 10, ...; tenths for a share
// returns counts: LIST<INTEGER>, values in each bin, its lower bound included
// :param source => null
// :param pipeline => null
// :param since => null
// :param until => null
CALL () {
  MATCH (e:Execution)
  WHERE e.pipeline IS NOT NULL
    AND ($source IS NULL OR e.source = $source)
    AND ($pipeline IS NULL OR e.pipeline = $pipeline)
    AND ($since IS NULL OR coalesce(e.started, e.created) >= datetime($since))
    AND ($until IS NULL OR coalesce(e.started, e.created) < datetime($until))
  WITH e.source AS source, e.pipeline AS pipeline, min(e.started) AS first,
       max(coalesce(e.ended, e.started)) AS last, collect(e) AS chosen
  CALL (chosen) {
    UNWIND chosen AS e
    MATCH (e)-[:INPUT|OUTPUT|REFERENCE|REPUBLISHED|INTERNAL_INPUT|INTERNAL_OUTPUT
               |PENDING_OUTPUT]-(a:Artifact)
    RETURN count(DISTINCT a) AS artifacts
  }
  RETURN source, pipeline, first, last, size(chosen) AS executions, artifacts, 0 AS models,
         0 AS decided, 0 AS pushed, 0 AS data, 0 AS features, 0.0 AS categorical
  UNION ALL
  MATCH (g:Graphlet)
  WHERE g.pipeline IS NOT NULL
    AND ($source IS NULL OR g.source = $source)
    AND ($pipeline IS NULL OR g.pipeline = $pipeline)
    AND ($since IS NULL OR g.started >= datetime($since))
    AND ($until IS NULL OR g.started < datetime($until))
  WITH g.source AS source, g.pipeline AS pipeline, count(*) AS models,
       sum(CASE WHEN g.pushed OR g.state <> 'open' THEN 1 ELSE 0 END) AS decided,
       sum(CASE WHEN g.pushed THEN 1 ELSE 0 END) AS pushed
  RETURN source, pipeline, null AS first, null AS last, 0 AS executions, 0 AS artifacts, models,
         decided, pushed, 0 AS data, 0 AS features, 0.0 AS categorical
  UNION ALL
  MATCH (a:Span|Statistics)
  WHERE size(a.feature_names) > 0
  CALL (a) {
    MATCH (a)<-[:OUTPUT]-(e:Execution)
    RETURN e
    UNION
    MATCH (a)-[:INPUT]->(e:Execution)
    WHERE NOT EXISTS { (a)<-[:OUTPUT]-() }
    RETURN e
  }
  WITH a, e
  WHERE e.pipeline IS NOT NULL
    AND ($source IS NULL OR e.source = $source)
    AND ($pipeline IS NULL OR e.pipeline = $pipeline)
    AND ($since IS NULL OR coalesce(e.started, e.created) >= datetime($since))
    AND ($until IS NULL OR coalesce(e.started, e.created) < datetime($until))
  WITH DISTINCT a, e.source AS source, e.pipeline AS pipeline
  WITH source, pipeline, count(*) AS data, sum(size(a.feature_names)) AS features,
       sum(toFloat(size([kind IN a.feature_kinds WHERE kind = 'categorical']))
           / size(a.feature_kinds)) AS categorical
  RETURN source, pipeline, null AS first, null AS last, 0 AS executions, 0 AS artifacts,
         0 AS models, 0 AS decided, 0 AS pushed, data, features, categorical
}
WITH source, pipeline, min(first) AS first, max(last) AS last, sum(executions) AS executions,
     sum(artifacts) AS artifacts, sum(models) AS models, sum(decided) AS decided,
     sum(pushed) AS pushed, sum(data) AS data, sum(features) AS features,
     sum(categorical) AS categorical
WHERE executions > 0
WITH *, duration.inSeconds(first, last).seconds / 86400.0 AS days
UNWIND [
  [0, 'lifespan', 'd', days],
  [1, 'models', null, toFloat(models)],
  [2, 'models a day', '/d', models / CASE WHEN days > 1 THEN days ELSE 1.0 END],
  [3, 'pushed', 'share', CASE WHEN decided > 0 THEN toFloat(pushed) / decided END],
  [4, 'trace size', null, toFloat(executions + artifacts)],
  [5, 'features', null, CASE WHEN data > 0 THEN toFloat(features) / data END],
  [6, 'categorical', 'share', CASE WHEN data > 0 THEN categorical / data END]
] AS one
WITH one[0] AS place, one[1] AS measure, one[2] AS unit, one[3] AS value
WHERE value IS NOT NULL
// The bins: three a decade (3 * decade + 0, 1, 2), and one below 0.001 (-10) that reaches up to the
// next one that is filled; of a share tenths, the last with 1.
WITH place, measure, unit, value, CASE WHEN value >= 0.001 THEN floor(log10(value)) END AS decade
WITH place, measure, unit, value,
     CASE WHEN unit = 'share' THEN CASE WHEN value < 1 THEN toInteger(value * 10) ELSE 9 END
          WHEN decade IS NULL THEN -10
          WHEN value / 10 ^ decade < 2 THEN 3 * toInteger(decade)
          WHEN value / 10 ^ decade < 5 THEN 3 * toInteger(decade) + 1
          ELSE 3 * toInteger(decade) + 2 END AS bin
WITH place, measure, unit, bin, count(*) AS filled, collect(value) AS values
WITH place, measure, unit, coalesce(min(CASE WHEN bin >= -9 THEN bin END), -9) AS low,
     max(bin) AS high, collect([bin, filled]) AS bins, collect(values) AS lists
CALL (lists) {
  UNWIND lists AS values
  UNWIND values AS value
  RETURN count(value) AS count, avg(value) AS mean, min(value) AS least,
         percentileCont(value, 0.1) AS p10, percentileCont(value, 0.25) AS lower,
         percentileCont(value, 0.5) AS median, percentileCont(value, 0.75) AS upper,
         percentileCont(value, 0.9) AS p90, percentileCont(value, 0.99) AS p99,
         max(value) AS most
}
RETURN measure, unit, count, mean, least, p10, lower, median, upper, p90, p99, most,
       CASE WHEN any(one IN bins WHERE one[0] < -9) THEN [0.0] ELSE [] END
         + [bin IN range(low, high + 1) |
            CASE WHEN unit = 'share' THEN bin / 10.0
                 ELSE round([1, 2, 5][(bin + 9) % 3] * 10.0 ^ ((bin + 9) / 3 - 3), 3) END]
         AS edges,
       [one IN bins WHERE one[0] < -9 | one[1]]
         + [bin IN range(low, high) |
            coalesce(head([one IN bins WHERE one[0] = bin | one[1]]), 0)] AS counts
ORDER BY place, unit
