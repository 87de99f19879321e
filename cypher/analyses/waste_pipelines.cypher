// What to do about each pipeline's models that are not pushed: why they are not, and what they cost.
//
// Each unpushed complete graphlet has one reason, the first that holds: its training failed; a check
// of it failed to run; its verdict was bad; nothing of its pipeline is ever pushed; the pipeline had
// pushed another model shortly before (throttled: sooner than three in four of its pushes follow on
// another; where pushes come at random, one model in four is that near to one); none of these. The
// advice follows from the reason that costs most.
//
// $source: STRING, only this source, or null for all
// $pipeline: STRING, only this pipeline, or null for all
// $since: STRING, only models whose training started at this time (ISO 8601) or later, or null
// $until: STRING, only models whose training started before this time, or null
// $limit: INTEGER, how many pipelines at most, or null for all
// returns pipeline: STRING, the pipeline's name
// returns source: STRING, where it came from
// returns models: INTEGER, complete graphlets
// returns pushed: INTEGER, of these, those pushed
// returns failed: INTEGER, unpushed because the training failed
// returns unchecked: INTEGER, unpushed because a check of the model failed to run
// returns rejected: INTEGER, unpushed because of a bad verdict
// returns abandoned: INTEGER, unpushed because the pipeline never pushes
// returns throttled: INTEGER, unpushed because another had been pushed shortly before
// returns unexplained: INTEGER, unpushed for none of these reasons
// returns wasted: FLOAT, cost of executions that are in one of these graphlets alone
// returns cost_unit: STRING, unit of that cost; units are never mixed
// returns reason: STRING, the reason that wasted most
// returns advice: STRING, what to do; of models trained too often, one in how many is pushed
// :param source => null
// :param pipeline => null
// :param since => null
// :param until => null
// :param limit => 20
MATCH (g:Graphlet)
WHERE g.pipeline IS NOT NULL AND g.state = 'complete' AND g.started IS NOT NULL
  AND ($source IS NULL OR g.source = $source)
  AND ($pipeline IS NULL OR g.pipeline = $pipeline)
  AND ($since IS NULL OR g.started >= datetime($since))
  AND ($until IS NULL OR g.started < datetime($until))
WITH g.source AS source, g.pipeline AS pipeline, collect(g) AS graphlets,
     count(CASE WHEN g.pushed THEN 1 END) AS pushed
WHERE pushed < size(graphlets)
CALL (graphlets) {
  UNWIND graphlets AS g
  WITH g.pushed_at.epochMillis AS at WHERE at IS NOT NULL
  WITH at ORDER BY at
  WITH collect(at) AS pushes
  UNWIND CASE WHEN size(pushes) > 1 THEN range(1, size(pushes) - 1) ELSE [null] END AS i
  RETURN pushes, percentileDisc(pushes[i] - pushes[i - 1], 0.25) AS least
}
CALL (graphlets, pushed, pushes, least) {
  UNWIND graphlets AS g
  WITH g, pushed, least, g.ended.epochMillis AS over, pushes
  WHERE NOT g.pushed
  MATCH (g)-[:ANCHOR]->(t)
  CALL (g, t) {
    OPTIONAL MATCH (g)-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]->(e:Execution)
    WHERE e.cost > 0
      AND COUNT { (e)<-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]-() } = 1
    WITH coalesce(e.cost_unit, t.cost_unit) AS cost_unit, coalesce(e.cost, 0.0) AS cost
    RETURN cost_unit, sum(cost) AS own
  }
  WITH own, cost_unit,
       CASE WHEN t.state = 'FAILED' THEN 'failed'
            WHEN EXISTS { (g)-[:DESCENDANT]->(x:Evaluation|Validation)
                          WHERE x.state = 'FAILED' } THEN 'unchecked'
            WHEN EXISTS { (g)-[:DESCENDANT]->(b:Blessing)
                          WHERE toString(b.p_blessed) IN ['0', 'false']
                             OR properties(b).p_blessing_status = 'INFRA_NOT_BLESSED' } THEN 'rejected'
            WHEN pushed = 0 THEN 'abandoned'
            WHEN any(at IN pushes WHERE at <= over AND over - at < least) THEN 'throttled'
            ELSE 'unexplained' END AS reason
  WITH cost_unit, reason, count(*) AS models, sum(own) AS own
  WITH cost_unit, sum(own) AS wasted, max([own, reason]) AS most,
       collect({reason: reason, models: models}) AS reasons
  RETURN cost_unit, wasted, most[1] AS reason, reasons
}
WITH *, [name IN ['failed', 'unchecked', 'rejected', 'abandoned', 'throttled', 'unexplained'] |
         coalesce(head([r IN reasons WHERE r.reason = name | r.models]), 0)] AS counts
RETURN pipeline, source, size(graphlets) AS models, pushed, counts[0] AS failed,
       counts[1] AS unchecked, counts[2] AS rejected, counts[3] AS abandoned,
       counts[4] AS throttled, counts[5] AS unexplained, wasted, cost_unit, reason,
       CASE reason
         WHEN 'failed' THEN 'mend training'
         WHEN 'unchecked' THEN 'mend evaluation'
         WHEN 'rejected' THEN 'stop early'
         WHEN 'abandoned' THEN 'drop, or record pushes'
         WHEN 'throttled' THEN 'train less often: 1 in '
              + toString(toInteger(round(toFloat(size(graphlets)) / pushed)))
         ELSE 'ask who pushes' END AS advice
ORDER BY wasted DESC, pipeline, source, cost_unit
LIMIT coalesce($limit, 9223372036854775807)
