// Write down that a load of a source begins.
//
// $source: STRING, the source's name
// $reader: STRING, which reader takes it
// $format: STRING, its format and version
// $ingestion: STRING, key of this load
// returns ingestion: STRING, key of this load
// :param source => ''
// :param reader => 'trace'
// :param format => ''
// :param ingestion => ''
MERGE (s:Source {key: $source})
ON CREATE SET s.name = $source, s.newest = 0
SET s.reader = $reader, s.format = $format
CREATE (i:Ingestion {key: $ingestion, source: $source, status: 'running', started: datetime()})
CREATE (i)-[:LOADED]->(s)
SET i.name = 'load of ' + $source
RETURN i.key AS ingestion
ORDER BY ingestion
