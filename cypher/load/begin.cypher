// Write down that a load of a source begins.
//
// $source: STRING, the source's name
// $reader: STRING, which reader takes it
// $format: STRING, its format and version
// $simulated: BOOLEAN, whether a simulation made it up; then the source remains so
// $load: STRING, key of this load
// returns load: STRING, key of this load
// :param source => ''
// :param reader => 'trace'
// :param format => ''
// :param simulated => false
// :param load => ''
MERGE (s:Source {key: $source})
ON CREATE SET s.name = $source, s.newest = 0
SET s.reader = $reader, s.format = $format,
    s.simulated = CASE WHEN $simulated OR s.simulated THEN true END
CREATE (this:Load {key: $load, source: $source, status: 'running', started: datetime()})
CREATE (this)-[:LOADED]->(s)
SET this.name = 'load of ' + $source
RETURN this.key AS load
ORDER BY load
