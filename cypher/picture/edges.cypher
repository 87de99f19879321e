// What the executions of a graphlet read and wrote, also of what is not in it.
//
// $key: STRING, the graphlet's key
// returns execution: STRING, its key
// returns artifact: STRING, its key
// returns type: STRING, how the execution touched the artifact
// returns name: STRING, role and index, as `examples[0]`
// :param key => ''
MATCH (:Graphlet {key: $key})-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]->(e:Execution)
MATCH (e)-[r:INPUT|NAMED_INPUT|REFERENCE|INTERNAL_INPUT|OUTPUT|REPUBLISHED|INTERNAL_OUTPUT
            |PENDING_OUTPUT]-(a:Artifact)
RETURN e.key AS execution, a.key AS artifact, type(r) AS type, r.name AS name
ORDER BY execution, artifact, type, name
