// Executions that did what one did: the original, others of its class, and near misses.
//
// Near misses are of its type and read something that it reads, or ran at its place in another run
// of its pipeline; those that share most inputs come first.
//
// $key: STRING, the execution's key
// $limit: INTEGER, of each kind at most
// returns relation: STRING, `repeats`, `ran beside`, `repeated by`, `beside` or `near`
// returns total: INTEGER, how many there are
// returns keys: LIST<STRING>, of the executions
// :param key => ''
// :param limit => 3
MATCH (e:Execution {key: $key})
CALL (e) {
  MATCH (e)-[link:REPEATS|CONCURRENT]->(o)
  RETURN 0 AS place, CASE type(link) WHEN 'REPEATS' THEN 'repeats' ELSE 'ran beside' END AS relation,
         o AS other, 0 AS rank
  UNION ALL
  MATCH (e)<-[link:REPEATS|CONCURRENT]-(o)
  RETURN 1 AS place, CASE type(link) WHEN 'REPEATS' THEN 'repeated by' ELSE 'beside' END AS relation,
         o AS other, o.started.epochMillis AS rank
  UNION ALL
  CALL (e) {
    MATCH (e)<-[:INPUT]-(a)-[:INPUT]->(o {type: e.type})
    WHERE o <> e
    RETURN o, count(DISTINCT a) AS shared
    UNION
    MATCH (e)-[:IN_RUN]->()-[:OF]->()<-[:OF]-()<-[:IN_RUN]-(o {type: e.type, node: e.node})
    WHERE o <> e AND NOT EXISTS { (e)<-[:INPUT]-() }
    RETURN DISTINCT o, 0 AS shared
  }
  WITH e, o, shared
  WHERE NOT EXISTS { (e)-[:REPEATS|CONCURRENT]-(o) }
    AND NOT EXISTS { (e)-[:REPEATS|CONCURRENT]->()<-[:REPEATS|CONCURRENT]-(o) }
  WITH e, o, shared,
       CASE WHEN e.recipe = o.recipe THEN 0 ELSE 1 END AS differs,
       abs(duration.inSeconds(e.started, o.started).seconds) AS apart
  ORDER BY shared DESC, differs, apart, o.key LIMIT $limit
  RETURN 2 AS place, 'near' AS relation, o AS other, -shared * 2 + differs AS rank
}
WITH place, relation, other, rank ORDER BY place, relation, rank, other.key
WITH place, relation, collect(other.key) AS found
RETURN relation, size(found) AS total, found[..$limit] AS keys
ORDER BY place, relation
