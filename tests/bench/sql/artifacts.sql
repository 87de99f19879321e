-- Each artifact of `kept`: whether it is one of the rules' boundary artifacts, and whether it is a span.
SELECT a.id, coalesce(b.boundary, false) AS boundary, a.class = 'span' AS span
FROM artifact a
SEMI JOIN kept k ON k.node = a.id
LEFT JOIN (
  SELECT w.artifact, bool_and(p.operator IN ('training', 'inference')) AS boundary
  FROM writes w JOIN execution p ON p.id = w.execution
  GROUP BY w.artifact
) b ON b.artifact = a.id
