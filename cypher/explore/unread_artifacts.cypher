// Artifacts that nobody read, by type.
//
// What is made to leave the graph, such as a deployment, is unread by nature.
//
// returns class: STRING, artifact class
// returns type: STRING, native type
// returns artifacts: INTEGER, how many there are
// returns unread: INTEGER, how many no execution read
// returns bytes: INTEGER, size of the unread, null where none is known
// returns example: STRING, key of an unread one
MATCH (a:Artifact)
WITH a, NOT EXISTS { (a)-[:INPUT]->() } AND NOT EXISTS { (a)-[:REFERENCE]->() }
        AND NOT EXISTS { (a)-[:INTERNAL_INPUT]->() } AS unread
WITH a.artifact AS class, a.type AS type, count(*) AS artifacts,
     sum(CASE WHEN unread THEN 1 ELSE 0 END) AS unread,
     nullIf(sum(CASE WHEN unread THEN a.size END), 0) AS bytes,
     min(CASE WHEN unread THEN a.key END) AS example
WHERE unread > 0
RETURN class, type, artifacts, unread, bytes, example
ORDER BY unread DESC, class, type
LIMIT 100
