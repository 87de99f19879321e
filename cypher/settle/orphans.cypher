// Executions whose parent is not there.
//
// $prefix: STRING, what the keys of the source begin with
// returns id: STRING, native id
// returns parent: STRING, key of the parent
// :param prefix => ''
MATCH (e:Orphan)
WHERE e.key STARTS WITH $prefix
RETURN e.source_id AS id, e.parent AS parent
ORDER BY e.key
