// Write down that a load of a source was stopped before its end.
//
// $load: STRING, key of the load
// returns load: STRING, key of the load
// :param load => ''
MATCH (this:Load {key: $load})
SET this.status = 'failed', this.ended = datetime()
RETURN this.key AS load
ORDER BY load
