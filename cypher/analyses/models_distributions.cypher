// How graphlets differ: their size, spans, time and cost, and how long it took to the next one.
//
// Filters choose graphlets by their trainer. `duration` is from the first start to the last end of
// what is in it. What came before is the graphlet before it of the same trainer node, or the last
// one before it that was pushed, both times from start to start of the trainer.
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
  MATCH (g:Graphlet)
  WHERE ($source IS NULL OR g.source = $source)
    AND ($pipeline IS NULL OR g.pipeline = $pipeline)
    AND ($since IS NULL OR g.started >= datetime($since))
    AND ($until IS NULL OR g.started < datetime($until))
  UNWIND [
    [0, 'nodes', null, toFloat(g.executions + g.artifacts)],
    [1, 'spans', null, toFloat(COUNT { (g)-[:SPAN]->() })],
    [2, 'duration', 'h', CASE WHEN g.ended >= g.began
      THEN (g.ended.epochMillis - g.began.epochMillis) / 3600000.0 END],
    [3, 'cost', g.cost_unit, CASE WHEN g.cost_unit IS NOT NULL THEN g.cost END]
  ] AS one
  RETURN one
  UNION ALL
  MATCH (before:Graphlet)-[:NEXT]->(g:Graphlet)
  WHERE ($source IS NULL OR g.source = $source)
    AND ($pipeline IS NULL OR g.pipeline = $pipeline)
    AND ($since IS NULL OR g.started >= datetime($since))
    AND ($until IS NULL OR g.started < datetime($until))
  RETURN [4, 'model to model', 'h',
          (g.started.epochMillis - before.started.epochMillis) / 3600000.0] AS one
  UNION ALL
  MATCH (g:Graphlet)
  WHERE g.pushed AND g.started IS NOT NULL AND g.pipeline IS NOT NULL
    AND ($source IS NULL OR g.source = $source)
    AND ($pipeline IS NULL OR g.pipeline = $pipeline)
  WITH g.source AS source, g.pipeline AS pipeline, coalesce(g.node, '') AS node,
       g.started.epochMillis AS time
  ORDER BY time
  WITH source, pipeline, node, collect(time) AS times
  UNWIND range(1, size(times) - 1) AS at
  WITH times[at] AS time, times[at - 1] AS before
  WHERE ($since IS NULL OR time >= datetime($since).epochMillis)
    AND ($until IS NULL OR time < datetime($until).epochMillis)
  RETURN [5, 'push to push', 'h', (time - before) / 3600000.0] AS one
}
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
