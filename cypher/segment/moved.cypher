// Note on each graphlet the pipeline that its trainer counts for, after that changed.
//
// returns moved: INTEGER, how many counted for another
MATCH (g:Graphlet)-[:ANCHOR]->(t:Training)
WHERE coalesce(g.pipeline, '') <> coalesce(t.pipeline, '')
SET g.pipeline = t.pipeline
RETURN count(*) AS moved
ORDER BY moved
