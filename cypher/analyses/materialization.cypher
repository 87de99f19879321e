// What is worth keeping: outputs that several graphlets rest on, or that were computed again.
//
// Equivalent executions are one candidate, which stands for the outputs of the original. A use is
// a run in which something reads such an output that is no repeat itself, beyond the first; or a
// repeat whose output nobody reads. Models are taken to be kept anyway. The most valuable, by uses
// and own cost, are told.
//
// $source: STRING, only this source, or null for all
// $pipeline: STRING, only this pipeline, or null for all
// $since: STRING, only what started at this time (ISO 8601) or later, or null
// $until: STRING, only what started before this time, or null
// $limit: INTEGER, how many at most
// returns key: STRING, key of the execution that computed it first
// returns name: STRING, that execution's name
// returns type: STRING, native type
// returns pipeline: STRING, its pipeline
// returns source: STRING, its source
// returns cost_unit: STRING, unit of its cost
// returns readers: INTEGER, executions that read an output of it or of an equivalent, each counted
//   once for each of these
// returns rebuilds: INTEGER, executions that computed it again
// returns uses: INTEGER, times that it was asked for beyond the first
// returns pipelines: INTEGER, pipelines whose executions computed it
// returns last: DATETIME, when it was last computed
// returns every: FLOAT, seconds between two computations, on average; null where there is one
// :param source => null
// :param pipeline => null
// :param since => null
// :param until => null
// :param limit => 2000
CALL () {
  MATCH (e)-[:REPEATS|CONCURRENT]->(o)
  WITH DISTINCT o
  RETURN o, 1 AS shared
  UNION
  MATCH (a:Artifact)
  WHERE COUNT { (a)<-[:SPAN|ANCESTOR|BOUNDARY]-() } > 1
  MATCH (a)<-[:OUTPUT]-(o)
  WHERE NOT EXISTS { (o)-[:REPEATS|CONCURRENT]-() }
  RETURN DISTINCT o, 0 AS shared
}
WITH o, max(shared) AS shared
WHERE o.cost > 0 AND NOT o:Training AND NOT o:Deployment
  AND ($source IS NULL OR o.source = $source)
  AND ($pipeline IS NULL OR o.pipeline = $pipeline)
  AND ($since IS NULL OR o.started >= datetime($since))
  AND ($until IS NULL OR o.started < datetime($until))
CALL (o, shared) {
  WITH o WHERE shared = 1
  CALL (o) {
    RETURN o AS e
    UNION ALL
    MATCH (e)-[:REPEATS|CONCURRENT]->(o)
    RETURN e
  }
  OPTIONAL MATCH (e)-[:OUTPUT]->()-[:INPUT]->(r)
  OPTIONAL MATCH (r WHERE NOT EXISTS { (r)-[:REPEATS]->() })-[:IN_RUN]->(run)
  WITH o, e, count(DISTINCT r) AS mine,
       count(DISTINCT CASE WHEN EXISTS { (r)-[:REPEATS]->() } THEN null
                           ELSE coalesce(run, r) END) AS own
  RETURN sum(mine) AS readers, sum(own) AS consumers,
         sum(CASE WHEN mine = 0 AND e <> o THEN 1 ELSE 0 END) AS unread,
         sum(CASE WHEN EXISTS { (e)-[:REPEATS]->(o) } THEN 1 ELSE 0 END) AS rebuilds,
         count(DISTINCT e.source + '\u001F' + coalesce(e.pipeline, '')) AS pipelines,
         min(e.started) AS first, max(e.started) AS last, count(*) AS times
  UNION
  WITH o WHERE shared = 0
  MATCH (o)-[:OUTPUT]->()-[:INPUT]->(r)
  OPTIONAL MATCH (r)-[:IN_RUN]->(run)
  WITH o, count(DISTINCT r) AS readers, count(DISTINCT coalesce(run, r)) AS consumers
  RETURN readers, consumers, 0 AS unread, 0 AS rebuilds, 1 AS pipelines,
         o.started AS first, o.started AS last, 1 AS times
}
WITH o, readers, rebuilds, pipelines, first, last, times,
     CASE WHEN consumers > 0 THEN consumers - 1 ELSE 0 END + unread AS uses
WHERE uses > 0
WITH * ORDER BY uses * o.cost DESC, o.key LIMIT $limit
RETURN o.key AS key, o.name AS name, o.type AS type, o.pipeline AS pipeline, o.source AS source,
       o.cost_unit AS cost_unit, readers, rebuilds, uses, pipelines, last,
       CASE WHEN times > 1 THEN duration.inSeconds(first, last).seconds / (times - 1.0) END AS every
ORDER BY uses * o.cost DESC, o.key
