// The sources that were loaded.
//
// returns source: STRING, the source's name
// returns reader: STRING, which reader took it
// returns format: STRING, its format and version
// returns simulated: BOOLEAN, whether a simulation made it up
// returns loads: INTEGER, loads that changed something
// returns set_aside: INTEGER, records that could not be used
// returns last: DATETIME, when it was last loaded, even if that changed nothing
MATCH (s:Source)
OPTIONAL MATCH (s)<-[:LOADED]-(i:Load {status: 'done'})
RETURN s.name AS source, s.reader AS reader, s.format AS format,
       coalesce(s.simulated, false) AS simulated, count(DISTINCT i) AS loads,
       COUNT { MATCH (s)<-[:LOADED]-()-[:FOUND]->(x) RETURN DISTINCT x } AS set_aside,
       max(coalesce(i.again, i.started)) AS last
ORDER BY source
