// What was computed more than once: when, at what cost, and how large the outputs are.
//
// A row is a class of equivalent executions, by the original that the others repeat, and a unit of
// cost. Those that overlapped with the original could not have used what it wrote, and are apart.
//
// returns original: STRING, key of the original
// returns unit: STRING, of the costs, or null
// returns times: LIST<INTEGER>, start of the original and of each that repeats it, epoch ms
// returns costs: LIST<FLOAT>, of the same
// returns overlapping: INTEGER, executions that overlapped with the original
// returns overlapping_cost: FLOAT, of these
// returns assumed: INTEGER, executions whose code is only assumed to be the same
// returns untold: INTEGER, executions without a time or a cost, which are in none of the above
// returns size: INTEGER, bytes of the original's outputs of known size
// returns unsized: LIST<MAP>, type and class of its other outputs
MATCH (:Execution)-[:REPEATS|CONCURRENT]->(o:Execution)
WITH DISTINCT o
ORDER BY o.key
CALL (o) {
  CALL (o) {
    RETURN o AS e, false AS overlaps, false AS assumed
    UNION ALL
    MATCH (o)<-[r:REPEATS|CONCURRENT]-(e:Execution)
    RETURN e, type(r) = 'CONCURRENT' AS overlaps, coalesce(r.assumed, false) AS assumed
  }
  WITH e.cost_unit AS unit, coalesce(e.started, e.created).epochMillis AS time, e.cost AS cost,
       overlaps, assumed
  WITH *, coalesce(cost >= 0 AND cost < 1e300, false) AND time IS NOT NULL AS told
  RETURN unit,
         collect(CASE WHEN told AND NOT overlaps THEN time END) AS times,
         collect(CASE WHEN told AND NOT overlaps THEN toFloat(cost) END) AS costs,
         sum(CASE WHEN told AND overlaps THEN 1 ELSE 0 END) AS overlapping,
         sum(CASE WHEN told AND overlaps THEN toFloat(cost) ELSE 0.0 END) AS overlapping_cost,
         sum(CASE WHEN told AND assumed THEN 1 ELSE 0 END) AS assumed,
         sum(CASE WHEN told THEN 0 ELSE 1 END) AS untold
}
CALL (o) {
  OPTIONAL MATCH (o)-[:OUTPUT]->(a:Artifact)
  WITH DISTINCT a, coalesce(a.size >= 0, false) AS sized
  RETURN sum(CASE WHEN sized THEN a.size ELSE 0 END) AS size,
         collect(CASE WHEN a IS NOT NULL AND NOT sized THEN {type: a.type, class: a.artifact} END)
           AS unsized
}
RETURN o.key AS original, unit, times, costs, overlapping, overlapping_cost, assumed, untold, size,
       unsized
ORDER BY original, unit
