-- The executions of the first $pipelines pipelines of a trace, in its order.
WITH pipeline AS (
  SELECT id FROM read_parquet($pipelines_file, file_row_number = true)
  ORDER BY file_row_number LIMIT $pipelines
), held AS (
  SELECT member_kind, member FROM read_parquet($memberships_file) m
  JOIN pipeline p ON p.id = m.container WHERE m.container_kind = 'pipeline'
)
SELECT e.id, e.type, k.operator = 'training' AND NOT k.cached AS trainer
FROM read_parquet($executions_file, file_row_number = true) e
JOIN execution k ON k.native = e.id
WHERE e.id IN (SELECT member FROM held WHERE member_kind = 'execution')
   OR e.id IN (
     SELECT m.member FROM read_parquet($memberships_file) m
     WHERE m.member_kind = 'execution' AND m.container_kind = 'run'
       AND m.container IN (SELECT member FROM held WHERE member_kind = 'run')
   )
ORDER BY e.file_row_number
