// What the graph knows of a source; no row when it was never loaded.
//
// $source: STRING, the source's name
// returns reader: STRING, which reader took it
// returns cursor: STRING, where the next load goes on
// returns derivation: STRING, digest of the settings of the last whole load
// returns newest: INTEGER, the newest time seen in it, ms since 1970
// returns horizon: INTEGER, how far back it is kept since it was pruned, ms since 1970, or null
// :param source => ''
MATCH (s:Source {key: $source})
RETURN s.reader AS reader, s.cursor AS cursor, s.derivation AS derivation, s.newest AS newest,
       s.horizon.epochMillis AS horizon
ORDER BY reader
