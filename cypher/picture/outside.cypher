// Artifacts that a graphlet's executions read though they are not in it, for its picture.
//
// $keys: LIST<STRING>, their keys
// returns key: STRING, the artifact's key
// returns class: STRING, its class
// returns type: STRING, native type
// returns name: STRING, for people
// returns holders: INTEGER, how many graphlets hold it
// returns state: STRING, as its source says
// returns started: INTEGER, when its record was made, ms since 1970, or null
// :param keys => []
UNWIND $keys AS key
MATCH (a:Artifact {key: key})
RETURN a.key AS key, a.artifact AS class, a.type AS type, a.name AS name,
       COUNT { (a)<-[:ANCHOR|BOUNDARY|ANCESTOR|SPAN|DESCENDANT|ANALYSIS]-() } AS holders,
       a.state AS state, a.created.epochMillis AS started
ORDER BY key
