// Mark executions as abandoned that run in silence since before the horizon, and unmark others.
//
// The last sign of life, their own or of an event, is held against the newest time that the source
// has; a running execution without any time may be alive. What the source said stays in `state`.
//
// $prefix: STRING, what the keys of the source begin with
// $newest: INTEGER, newest time of the source, ms since 1970
// $horizon_days: FLOAT, days of silence
// returns changed: INTEGER, executions whose mark changed
// :param prefix => ''
// :param newest => 0
// :param horizon_days => 7.0
CALL () {
  MATCH (e:Running)
  RETURN e
  UNION
  MATCH (e:Unsegmented)
  WHERE e.abandoned
  RETURN e
}
WITH e
WHERE e.key STARTS WITH $prefix
WITH e, [e.created, e.updated, e.started, e.ended]
        + COLLECT { MATCH (e)-[event]-(:Artifact) RETURN event.time } AS signs
WITH e, reduce(latest = 0, sign IN signs |
          CASE WHEN sign.epochMillis > latest THEN sign.epochMillis ELSE latest END) AS alive
WITH e, e.state = 'RUNNING' AND alive > 0 AND alive < $newest - $horizon_days * 86400000
          AS abandoned
WHERE coalesce(e.abandoned, false) <> abandoned
SET e:Unsegmented, e.abandoned = CASE WHEN abandoned THEN true END
RETURN count(*) AS changed
ORDER BY changed
