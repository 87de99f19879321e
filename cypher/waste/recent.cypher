// A graphlet, the models of its pipeline before it, and those that began after it.
//
// Of the latter only those that began before it ended, unless it is open or what comes after it is
// asked for: later ones say nothing of it.
//
// $key: STRING, of the graphlet
// $models: INTEGER, how many before it, and after it, at most
// $later: BOOLEAN, whether also those that began after it ended
// returns key: STRING, of each
// :param key => ''
// :param models => 100
// :param later => false
MATCH (g:Graphlet {key: $key})
CALL (g) {
  RETURN g.key AS key
  UNION
  WITH g, left(g.source, 500) + '\u001F' + g.pipeline + '\u001F' AS line
  MATCH (x:Graphlet)
  USING INDEX x:Graphlet(place)
  WHERE x.place STARTS WITH line AND x.source = g.source AND x.pipeline = g.pipeline
    AND ($later OR g.state = 'open' OR x.started <= g.ended OR x.started <= g.started)
  WITH g, x.key AS key, x.started AS started
  WITH key, started, started > g.started OR (started = g.started AND key > g.key) AS later
  ORDER BY started DESC, key DESC
  WITH collect(CASE WHEN NOT later THEN key END)[..$models + 1]
       + collect(CASE WHEN later THEN key END)[-$models..] AS keys
  UNWIND keys AS key
  RETURN key
}
RETURN key
ORDER BY key
