// How many graphlets the filters choose, for lists that are cut.
//
// $source: STRING, only this source, or null for all
// $pipeline: STRING, only this pipeline, or null for all
// $since: STRING, only what started at this time (ISO 8601) or later, or null
// $until: STRING, only what started before this time, or null
// returns graphlets: INTEGER, how many
// :param source => null
// :param pipeline => null
// :param since => null
// :param until => null
MATCH (g:Graphlet)
WHERE ($source IS NULL OR g.source = $source)
  AND ($pipeline IS NULL OR g.pipeline = $pipeline)
  AND ($since IS NULL OR g.started >= datetime($since))
  AND ($until IS NULL OR g.started < datetime($until))
RETURN count(g) AS graphlets
ORDER BY graphlets
