// The story of the latest model that was pushed: everything in its graphlet, and how data flowed.
//
// Draws the flow. The graphlet's own node is left out: it is joined to all others.
//
// returns flow: PATH, an artifact read or written by an execution
MATCH (g:Graphlet)
WHERE g.pushed AND g.started IS NOT NULL
WITH g ORDER BY g.started DESC, g.key LIMIT 1
MATCH (g)-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]->(e:Execution)
MATCH flow = (e)-[r:INPUT|OUTPUT]-(a:Artifact)
WHERE EXISTS { (g)-[:ANCHOR|BOUNDARY|ANCESTOR|SPAN|DESCENDANT|ANALYSIS]->(a) }
RETURN flow
ORDER BY e.started, e.key, type(r), r.name, a.key
LIMIT 300
