// Which of some sources are in the graph.
//
// $names: LIST<STRING>, names of sources
// returns source: STRING, one that is there
// :param names => []
UNWIND $names AS name
MATCH (s:Source {key: name})
RETURN s.name AS source
ORDER BY source
