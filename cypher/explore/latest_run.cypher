// What did the latest run that trained a model do, step by step?
//
// Draws its executions, and what each of them read and wrote.
//
// returns flow: PATH, an artifact read or written by an execution
MATCH (t:Training)-[:IN_RUN]->(run:Run)
WHERE t.started IS NOT NULL
WITH run, t ORDER BY t.started DESC, t.key, run.key LIMIT 1
MATCH (run)<-[:IN_RUN]-(e:Execution)
MATCH flow = (e)-[r:INPUT|OUTPUT]-(a:Artifact)
RETURN flow
ORDER BY e.started, e.key, type(r), r.name, a.key
LIMIT 300
