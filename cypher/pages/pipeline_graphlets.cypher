// The graphlets of a pipeline, newest first, a page of them.
//
// $key: STRING, the pipeline's key
// $skip: INTEGER, how many come before
// $limit: INTEGER, how many at most
// $most: INTEGER, of these, looked at
// returns total: INTEGER, always null: they are not counted
// returns items: LIST<MAP>, kind, key, name and what is known of each
// :param key => ''
// :param skip => 0
// :param limit => 50
// :param most => 10000
MATCH (p:Pipeline {key: $key})
CALL (p) {
  MATCH (g:Graphlet {pipeline: p.name})
  WHERE g.source = p.source
  WITH g LIMIT $most
  WITH g ORDER BY coalesce(g.started, g.began) DESC, g.key SKIP $skip LIMIT $limit
  RETURN collect({kind: 'graphlet', key: g.key, name: g.name, started: g.started, state: g.state,
                  pushed: g.pushed, cost: g.cost, cost_unit: g.cost_unit}) AS items
}
RETURN null AS total, items
ORDER BY size(items)
