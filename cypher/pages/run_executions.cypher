// The executions of a run, in the order of their start, a page of them.
//
// $key: STRING, the run's key
// $skip: INTEGER, how many come before
// $limit: INTEGER, how many at most
// $most: INTEGER, of these, looked at
// returns total: INTEGER, how many there are
// returns items: LIST<MAP>, kind, key, name and what is known of each
// :param key => ''
// :param skip => 0
// :param limit => 50
// :param most => 10000
MATCH (r:Run {key: $key})
CALL (r) {
  MATCH (r)<-[:IN_RUN]-(e:Execution)
  WITH e LIMIT $most
  WITH e ORDER BY coalesce(e.started, e.created), e.key SKIP $skip LIMIT $limit
  RETURN collect({kind: 'execution', key: e.key, name: e.name, class: e.operator,
                  state: CASE WHEN e.abandoned THEN 'ABANDONED' ELSE e.state END,
                  started: coalesce(e.started, e.created), cost: e.cost,
                  cost_unit: e.cost_unit}) AS items
}
RETURN COUNT { (r)<-[:IN_RUN]-() } AS total, items
ORDER BY total
