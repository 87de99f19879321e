// Runs under way that have begun no training, of pipelines that trained models before.
//
// A run is asked for as many models as the run that trained last had nodes to train. One in which
// nothing runs is over when its pipeline has begun to train a model since.
//
// $run: STRING, only this run, by its key, also one in which nothing runs just now; null for all
// $source: STRING, only this source, or null for all
// $pipeline: STRING, only this pipeline, or null for all
// returns key: STRING, the run's key
// returns last: STRING, the graphlet of its pipeline that began last, or one of its run's others
// returns cost: FLOAT, of the run so far
// :param run => null
// :param source => null
// :param pipeline => null
CALL () {
  WITH * WHERE $run IS NOT NULL
  MATCH (r:Run {key: $run})<-[:IN_RUN]-(e:Execution)
  RETURN r, e
  UNION ALL
  WITH * WHERE $run IS NULL
  MATCH (e:Running)
  WHERE e.abandoned IS NULL
  MATCH (e)-[:IN_RUN]->(r:Run)
  RETURN r, e
}
WITH DISTINCT r, e.source AS source, e.pipeline AS pipeline
WHERE r.ended IS NULL AND pipeline IS NOT NULL
  AND ($source IS NULL OR source = $source) AND ($pipeline IS NULL OR pipeline = $pipeline)
  AND NOT EXISTS { (r)<-[:IN_RUN]-(:Training) }
CALL (source, pipeline) {
  WITH *, left(source, 500) + '\u001F' + pipeline + '\u001F' AS line
  MATCH (g:Graphlet)
  USING INDEX g:Graphlet(place)
  WHERE g.place STARTS WITH line AND g.source = source AND g.pipeline = pipeline
    AND g.started IS NOT NULL
  RETURN g ORDER BY g.started DESC, g.key DESC LIMIT 1
}
WITH r, g
WHERE EXISTS { (r)<-[:IN_RUN]-(e:Running) WHERE e.abandoned IS NULL }
   OR NOT EXISTS { (r)<-[:IN_RUN]-() }
   OR reduce(latest = coalesce(r.started, r.created), at IN COLLECT {
        MATCH (r)<-[:IN_RUN]-(x)
        RETURN coalesce(x.ended, x.started, x.created)
      } | CASE WHEN at <= latest THEN latest ELSE at END) >= g.started
   OR NOT EXISTS {
        MATCH (g)-[:ANCHOR]->()-[:IN_RUN]->(later)
        WHERE coalesce(later.started, later.created) > coalesce(r.started, r.created)
      }
WITH r, g, [g] + COLLECT {
  MATCH (g)-[:ANCHOR]->()-[:IN_RUN]->()<-[:IN_RUN]-(t:Training)<-[:ANCHOR]-(x)
  WHERE x.source = g.source AND x.pipeline = g.pipeline AND x.node <> g.node
    AND x.started IS NOT NULL
  RETURN x ORDER BY x.started, x.key
} AS models
UNWIND models AS model
WITH r, model.node AS node, last(collect(model)) AS g
RETURN r.key AS key, g.key AS last,
       reduce(sum = 0.0, cost IN COLLECT { MATCH (r)<-[:IN_RUN]-(x) RETURN x.cost } |
         sum + coalesce(cost, 0.0)) AS cost
ORDER BY cost DESC, key, last
