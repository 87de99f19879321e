-- What the rules need of the graph, from execution to execution: a step over the artifact between.

-- Rule 2: from an execution to what made its inputs, and whether that is by an artifact that is no
-- schema.
CREATE OR REPLACE TEMP TABLE made_by AS
SELECT r.execution, w.execution AS producer, bool_or(a.class <> 'schema') AS clean
FROM reads r
JOIN writes w USING (artifact)
JOIN execution p ON p.id = w.execution
JOIN artifact a ON a.id = r.artifact
WHERE p.operator NOT IN ('training', 'inference')
GROUP BY ALL;

-- Rule 3: from an execution to what used its outputs.
CREATE OR REPLACE TEMP TABLE used_by AS
SELECT DISTINCT w.execution, r.execution AS consumer
FROM writes w
JOIN reads r USING (artifact)
JOIN execution c ON c.id = r.execution
JOIN artifact a ON a.id = w.artifact
WHERE a.class <> 'span' AND NOT c.cached
  AND c.operator NOT IN ('training', 'ingestion', 'resolution');

-- Rule 4: from an artifact to everything that analysed it.
CREATE OR REPLACE TEMP TABLE looked_at_by AS
WITH RECURSIVE looks AS (
  SELECT r.artifact, r.execution
  FROM reads r
  JOIN execution c ON c.id = r.execution
  JOIN artifact a ON a.id = r.artifact
  WHERE a.class <> 'schema' AND NOT c.cached AND c.operator IN ('analysis', 'validation')
), closure(artifact, execution) AS (
  FROM looks
  UNION
  SELECT c.artifact, n.execution
  FROM closure c
  JOIN writes w ON w.execution = c.execution
  JOIN looks n ON n.artifact = w.artifact
)
FROM closure;

-- What becomes of an input: its rank where rule 2 reaches it (1 boundary, 2 ancestor), and whether
-- it is a span.
CREATE OR REPLACE TEMP TABLE input AS
SELECT r.execution, r.artifact,
       CASE WHEN b.artifact IS NULL THEN 2 ELSE 1 END::TINYINT AS rank,
       b.artifact IS NULL AND a.class = 'span' AS span
FROM reads r
JOIN artifact a ON a.id = r.artifact
LEFT JOIN (
  SELECT w.artifact
  FROM writes w JOIN execution p ON p.id = w.execution
  GROUP BY w.artifact
  HAVING bool_and(p.operator IN ('training', 'inference'))
) b ON b.artifact = r.artifact;
