// What does the latest graphlet share with the one before it in its line?
//
// Draws both, and between them the data and the work that are part of each: paid for once, used
// twice.
//
// returns shared: PATH, from the earlier graphlet over what both hold to the later one
// returns name: STRING, what both hold
// returns cost: FLOAT, of an execution, paid once; null for data
// returns cost_unit: STRING, its unit
MATCH (before:Graphlet)-[:NEXT]->(after:Graphlet)
WHERE after.started IS NOT NULL
WITH before, after ORDER BY after.started DESC, after.key, before.key LIMIT 1
MATCH shared = (before)-[:SPAN|ANCESTOR|BOUNDARY|DESCENDANT|ANALYSIS]->(x:Execution|Artifact)
               <-[:SPAN|ANCESTOR|BOUNDARY|DESCENDANT|ANALYSIS]-(after)
RETURN shared, x.name AS name, x.cost AS cost, x.cost_unit AS cost_unit
ORDER BY cost IS NULL, cost DESC, x:Artifact, name, x.key
LIMIT 100
