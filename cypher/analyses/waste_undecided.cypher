// Graphlets of which it is not known, or not for certain, whether what they cost was wasted.
//
// Open ones are left out of waste. A model that is not pushed counts as waste, though it may still
// be pushed: one is too young to tell while 1 in 200 models that were pushed took longer, from the
// start of their training. Filters choose graphlets by their trainer.
//
// Plan: CartesianProduct, of one row, which holds the newest time and the horizon.
//
// $source: STRING, only this source, or null for all
// $pipeline: STRING, only this pipeline, or null for all
// $since: STRING, only what started at this time (ISO 8601) or later, or null
// $until: STRING, only what started before this time, or null
// $push_hours: FLOAT, after which a model counts as not pushed, or null to estimate it so
// returns what: STRING, why it is not known
// returns graphlets: INTEGER, how many graphlets that are
// returns cost: FLOAT, their whole cost, what they share with others included
// returns cost_unit: STRING, unit of the cost; units are never mixed
// returns counted: BOOLEAN, whether waste has them nevertheless
// returns hours: FLOAT, of those too young: hours from the start of their training until it is told
// returns example: STRING, key of the latest of them
// :param source => null
// :param pipeline => null
// :param since => null
// :param until => null
// :param push_hours => null
CALL () {
  MATCH (s:Source)
  RETURN max(s.newest) AS newest
}
CALL () {
  MATCH (g:Graphlet)
  WHERE g.pushed_at IS NOT NULL AND g.pushed_at >= g.started
  RETURN percentileCont(g.pushed_at.epochMillis - g.started.epochMillis, 0.995) AS most
}
WITH newest, CASE WHEN $push_hours IS NOT NULL THEN $push_hours * 3600000
                  WHEN most < 3600000 THEN 3600000.0 ELSE most END AS horizon
CALL (newest, horizon) {
  MATCH (g:Graphlet)
  WHERE ($source IS NULL OR g.source = $source)
    AND ($pipeline IS NULL OR g.pipeline = $pipeline)
    AND ($since IS NULL OR g.started >= datetime($since))
    AND ($until IS NULL OR g.started < datetime($until))
  UNWIND [CASE WHEN g.state = 'open' AND NOT g.pushed THEN ['open', false] END,
          CASE WHEN g.state <> 'open' AND NOT g.pushed
                 AND g.started.epochMillis > newest - horizon
               THEN ['too young to tell', true] END,
          CASE WHEN g.cost IS NULL OR g.cost = 0 THEN ['no cost is known', true] END,
          CASE WHEN g.started IS NULL THEN ['no start is known', true] END,
          CASE WHEN g.pushed AND g.pushed_at IS NULL
               THEN ['pushed at a time not known', false] END] AS one
  WITH g, one WHERE one IS NOT NULL
  RETURN g, one[0] AS what, one[1] AS counted
}
WITH what, counted, g.cost_unit AS cost_unit, count(*) AS graphlets, sum(g.cost) AS cost, horizon,
     max([coalesce(g.started.epochMillis, -1), g.key])[1] AS example
RETURN what, graphlets, cost, cost_unit, counted,
       CASE WHEN what = 'too young to tell' THEN horizon / 3600000 END AS hours, example
ORDER BY what, graphlets DESC, cost_unit
