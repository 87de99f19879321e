// Whether something was computed already: executions that did it, and what they wrote.
//
// Finds them by the sum of recipe and what is read; whoever asks compares the inputs one by one.
// Of a class the original is told, and for each output that was deleted an equal that is there.
//
// $recipe: INTEGER, number of type, code and parameters, or null
// $asker: STRING, the pipeline that asks, or null; where the code's version is not known only
//   its own executions count
// $known: BOOLEAN, whether the code's version is known
// $inputs: LIST<MAP>, role, key or null, content (of a digest) or null
// $hints: LIST<STRING>, input roles that do not alter what is computed
// returns read: LIST<MAP>, the inputs: role, key, assumed, name, class, content, alone (known by
//   name alone), uri, state; null where there is no such artifact
// returns found: LIST<MAP>, executions: key, name, pipeline, started, ended, cost, cost_unit,
//   unstable, inputs (role, index, class, content, key, assumed), outputs (name, key, uri, digest, size, state)
// :param recipe => 0
// :param asker => null
// :param known => true
// :param inputs => []
// :param hints => ['analyzer_cache']
CALL () {
  UNWIND range(0, size($inputs) - 1) AS place
  WITH place, $inputs[place] AS one
  OPTIONAL MATCH (a:Artifact {key: one.key})
  WITH place, one, a, coalesce(one.content, a.same, a.content) AS content ORDER BY place
  RETURN collect({
           role: one.role, key: one.key, assumed: a.assumed IS NOT NULL, name: a.name,
           class: a.artifact, content: content,
           alone: one.content IS NULL AND a.content > 0 AND a.version IS NULL
                  AND NOT EXISTS { (a)<-[:OUTPUT]-() },
           uri: a.uri, state: a.state
         }) AS read,
         sum(content % 17592186044416) AS added
}
CALL (added) {
  MATCH (e:Execution {signature: $recipe + added})
  WHERE ($known OR e.pipeline = $asker) AND NOT EXISTS { (e)-[:REPEATS|CONCURRENT]->() }
  WITH e LIMIT 1000
  RETURN collect({
    key: e.key, name: e.name, pipeline: e.pipeline, started: e.started, ended: e.ended,
    cost: e.cost, cost_unit: e.cost_unit, unstable: e.unstable IS NOT NULL,
    inputs: COLLECT {
      MATCH (a)-[r:INPUT|REFERENCE]->(e)
      WHERE NOT r.role IN $hints
      WITH r.role AS role, r.index AS index, a.artifact AS class, a.key AS key,
           a.assumed IS NOT NULL AS assumed, coalesce(a.same, a.content) AS content
      ORDER BY role, index, content
      RETURN {role: role, index: index, class: class, content: content, key: key,
              assumed: assumed}
    },
    outputs: COLLECT {
      MATCH (e)-[w:OUTPUT]->(a)
      WITH w.name AS name, a, COLLECT {
        WITH a, w, e
        WHERE a.state IN ['DELETED', 'MARKED_FOR_DELETION', 'ABANDONED']
        MATCH (e)<-[:REPEATS|CONCURRENT]-()-[:OUTPUT {name: w.name}]->(b)
        WHERE coalesce(b.same, b.content) = coalesce(a.same, a.content)
          AND NOT coalesce(b.state, '') IN ['DELETED', 'MARKED_FOR_DELETION', 'ABANDONED']
        RETURN b ORDER BY b.key LIMIT 1
      } AS equals
      WITH name, coalesce(head(equals), a) AS a
      RETURN {name: name, key: a.key, uri: a.uri, digest: a.digest, size: a.size, state: a.state}
      ORDER BY name, a.key
    }
  }) AS found
}
RETURN read, found
ORDER BY size(found)
