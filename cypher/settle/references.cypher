// Make inputs whose role compares or hints into references, after the roles changed in settings.
//
// $prefix: STRING, what the keys of the source begin with
// $roles: LIST<STRING>, roles of side inputs
// returns changed: INTEGER, relationships that changed their type
// :param prefix => ''
// :param roles => ['baseline_model', 'analyzer_cache']
MATCH (a:Artifact)-[was:INPUT]->(e:Execution)
WHERE e.key STARTS WITH $prefix AND was.role IN $roles
MERGE (a)-[now:REFERENCE {name: was.name}]->(e)
SET e:Unsegmented, now = properties(was)
DELETE was
RETURN count(*) AS changed
ORDER BY changed
