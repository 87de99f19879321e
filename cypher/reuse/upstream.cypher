// All that an artifact, or several executions, are made from: executions, and what they read.
//
// Of several producers of one artifact the last to end counts, complete ones first; trainings are no
// boundary here. Each walk visits a node once.
//
// $keys: LIST<STRING>, keys of artifacts or executions
// returns key: STRING, an execution
// returns name: STRING, its name
// returns type: STRING, native type
// returns state: STRING, as the source says
// returns cost: FLOAT, in cost_unit, or null
// returns cost_unit: STRING, its unit
// returns ended: INTEGER, when it ended, ms since 1970, or null
// returns inputs: LIST<STRING>, keys of the artifacts that it reads
// returns raw: LIST<MAP>, of those that no execution wrote: key, name, state
// returns outputs: LIST<MAP>, of those of which it is the producer that counts: key, name, class,
//   type, uri, size, state, also (keys of equals that other executions of its class wrote)
// :param keys => []
UNWIND $keys AS wanted
MATCH (t:Artifact|Execution {key: wanted})
CALL (t) {
  MATCH (t) (()<-[:INPUT|OUTPUT]-())* (e)
  RETURN DISTINCT e
}
WITH DISTINCT e
WHERE e:Execution
RETURN e.key AS key, e.name AS name, e.type AS type, e.state AS state, e.cost AS cost,
       e.cost_unit AS cost_unit, e.ended.epochMillis AS ended,
       COLLECT { MATCH (e)<-[:INPUT]-(a) RETURN DISTINCT a.key ORDER BY a.key } AS inputs,
       COLLECT {
         MATCH (e)<-[:INPUT]-(a)
         WHERE NOT EXISTS { (a)<-[:OUTPUT]-() }
         WITH DISTINCT a ORDER BY a.key
         RETURN {key: a.key, name: a.name, state: a.state}
       } AS raw,
       COLLECT {
         MATCH (e)-[:OUTPUT]->(a)
         WHERE NOT EXISTS {
           MATCH (a)<-[:OUTPUT]-(later)
           WITH later, later.state IN ['COMPLETE', 'UNKNOWN'] AS sound,
                e.state IN ['COMPLETE', 'UNKNOWN'] AS mine,
                coalesce(later.ended.epochMillis, 0) AS ended,
                coalesce(e.ended.epochMillis, 0) AS own
           WHERE sound AND NOT mine
              OR sound = mine AND (ended > own OR ended = own AND later.key > e.key)
         }
         WITH DISTINCT a
         RETURN {key: a.key, name: a.name, class: a.artifact, type: a.type, uri: a.uri,
                 size: a.size, state: a.state, also: COLLECT {
                   CALL (e) {
                     MATCH (e)-[:REPEATS|CONCURRENT]-(other)
                     RETURN other
                     UNION
                     MATCH (e)-[:REPEATS|CONCURRENT]->()<-[:REPEATS|CONCURRENT]-(other)
                     RETURN other
                   }
                   MATCH (other)-[:OUTPUT]->(b)
                   WHERE coalesce(b.same, b.content) = coalesce(a.same, a.content)
                     AND b.artifact = a.artifact AND b <> a
                     AND NOT coalesce(b.state, '') IN ['DELETED', 'MARKED_FOR_DELETION', 'ABANDONED']
                   RETURN DISTINCT b.key ORDER BY b.key LIMIT 10
                 }}
         ORDER BY a.key
       } AS outputs
ORDER BY key
