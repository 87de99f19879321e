// When something that has no time of its own was first seen: an alias of a model, for one.
//
// $prefix: STRING, what the keys of the source begin with
// returns seen: INTEGER, executions
// :param prefix => ''
MATCH (e:Unsegmented)
WHERE e.key STARTS WITH $prefix AND e.p_time_from = 'first seen' AND e.started IS NULL
SET e.first_seen = coalesce(e.first_seen, datetime.truncate('millisecond', datetime()))
SET e.started = e.first_seen, e.ended = e.first_seen
RETURN count(*) AS seen
ORDER BY seen
