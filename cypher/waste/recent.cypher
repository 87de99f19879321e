// A graphlet, the models of its pipeline before it, and those that began after it.
//
// $key: STRING, of the graphlet
// $models: INTEGER, how many before it, and after it, at most
// returns key: STRING, of each
// :param key => ''
// :param models => 100
MATCH (g:Graphlet {key: $key})
CALL (g) {
  RETURN g AS found
  UNION
  WITH g, left(g.source, 500) + '\u001F' + g.pipeline + '\u001F' AS line
  MATCH (x:Graphlet)
  USING INDEX x:Graphlet(place)
  WHERE x.place STARTS WITH line AND x.source = g.source AND x.pipeline = g.pipeline
    AND (x.started < g.started OR (x.started = g.started AND x.key < g.key))
  RETURN x AS found ORDER BY x.started DESC, x.key DESC LIMIT $models
  UNION
  WITH g, left(g.source, 500) + '\u001F' + g.pipeline + '\u001F' AS line
  MATCH (x:Graphlet)
  USING INDEX x:Graphlet(place)
  WHERE x.place STARTS WITH line AND x.source = g.source AND x.pipeline = g.pipeline
    AND (x.started > g.started OR (x.started = g.started AND x.key > g.key))
  RETURN x AS found ORDER BY x.started, x.key LIMIT $models
}
RETURN found.key AS key
ORDER BY key
