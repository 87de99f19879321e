// Make references whose role no longer compares or hints into inputs, after the settings changed.
//
// $prefix: STRING, what the keys of the source begin with
// $roles: LIST<STRING>, roles of side inputs
// returns changed: INTEGER, relationships that changed their type
// :param prefix => ''
// :param roles => ['baseline_model', 'analyzer_cache']
MATCH (a:Artifact)-[was:REFERENCE]->(e:Execution)
WHERE e.key STARTS WITH $prefix AND NOT was.role IN $roles
MERGE (a)-[now:INPUT {name: was.name}]->(e)
SET e:Unsegmented, now = properties(was)
DELETE was
RETURN count(*) AS changed
ORDER BY changed
