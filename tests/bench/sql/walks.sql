-- What each rule follows, step by step, for libraries that walk a graph: (walk, start, goal).
-- `up` is rule 2, `clean` the same but for what lies behind a schema, `down` rule 3, `look` rule 4.
-- Only between nodes of `kept`.
WITH step AS (
  SELECT w.artifact, w.execution AS producer, a.class
  FROM writes w
  JOIN artifact a ON a.id = w.artifact
  JOIN execution p ON p.id = w.execution
  WHERE p.operator NOT IN ('training', 'inference')
), used AS (
  SELECT r.artifact, r.execution AS consumer, a.class, c.operator
  FROM reads r
  JOIN artifact a ON a.id = r.artifact
  JOIN execution c ON c.id = r.execution
  WHERE NOT c.cached
), walk AS (
  SELECT 'up' AS walk, execution AS start, artifact AS goal FROM reads
  UNION ALL
  SELECT 'up', artifact, producer FROM step
  UNION ALL
  SELECT 'clean', execution, artifact FROM reads
  UNION ALL
  SELECT 'clean', artifact, producer FROM step WHERE class <> 'schema'
  UNION ALL
  SELECT 'down', execution, artifact FROM writes
  UNION ALL
  SELECT 'down', artifact, consumer FROM used
  WHERE class <> 'span' AND operator NOT IN ('training', 'ingestion', 'resolution')
  UNION ALL
  SELECT 'look', artifact, consumer FROM used
  WHERE class <> 'schema' AND operator IN ('analysis', 'validation')
  UNION ALL
  SELECT 'look', w.execution, w.artifact
  FROM writes w JOIN execution c ON c.id = w.execution
  WHERE c.operator IN ('analysis', 'validation')
)
SELECT walk, start, goal
FROM walk
SEMI JOIN kept f ON f.node = walk.start
SEMI JOIN kept g ON g.node = walk.goal
