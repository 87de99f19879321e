// Native types of some executions, to tell how types are written.
//
// $most: INTEGER, executions that are looked at, at most; null for all
// $type: STRING, the type that was asked about; those that end like it come first
// returns types: LIST<STRING>, at most five of them
// returns known: BOOLEAN, whether an execution that was looked at has that type
// returns all: BOOLEAN, whether every execution was looked at
// :param most => 2000
// :param type => ''
MATCH (e:Execution)
WITH e LIMIT coalesce($most, 9223372036854775807)
WITH e.type AS type, count(*) AS executions
ORDER BY type ENDS WITH $type DESC, executions DESC, type
WITH collect(type) AS types, coalesce(sum(executions), 0) AS seen
RETURN types[..5] AS types, $type IN types AS known,
       $most IS NULL OR seen < $most AS all
ORDER BY known
