// The runs of a pipeline, newest first, a page of them.
//
// $key: STRING, the pipeline's key
// $skip: INTEGER, how many come before
// $limit: INTEGER, how many at most
// $most: INTEGER, of these, looked at
// returns total: INTEGER, how many there are
// returns items: LIST<MAP>, kind, key, name and what is known of each
// :param key => ''
// :param skip => 0
// :param limit => 50
// :param most => 10000
MATCH (p:Pipeline {key: $key})
CALL (p) {
  MATCH (p)<-[:OF]-(r:Run)
  WITH r LIMIT $most
  WITH r ORDER BY coalesce(r.started, r.created) DESC, r.key SKIP $skip LIMIT $limit
  RETURN collect({kind: 'run', key: r.key, name: r.name, state: r.state,
                  started: coalesce(r.started, r.created),
                  executions: COUNT { (r)<-[:IN_RUN]-() }}) AS items
}
RETURN COUNT { (p)<-[:OF]-() } AS total, items
ORDER BY total
