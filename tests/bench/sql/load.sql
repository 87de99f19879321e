-- The tables of a trace, from its Parquet files; numbers for ids, classes from the rules.
-- operator_of and class_of hold the class of each kind of execution and artifact.

CREATE TABLE execution AS
SELECT (row_number() OVER (ORDER BY e.file_row_number) - 1)::INTEGER AS id,
       e.id AS native, k.found AS operator, coalesce(e.state, 'UNKNOWN') = 'CACHED' AS cached
FROM read_parquet($executions, file_row_number = true) e
JOIN operator_of k
  ON k.type = e.type
 AND k.node IS NOT DISTINCT FROM e.node
 AND k.base_type IS NOT DISTINCT FROM e.base_type
 AND k.operator IS NOT DISTINCT FROM e.operator;

CREATE TABLE event AS
SELECT DISTINCT e.id AS execution, e.native AS native, v.artifact AS artifact, v.event AS event,
       v.event = 'INPUT' AND list_contains($roles, coalesce(v.role, '')) AS compared,
       v.event = 'OUTPUT' AND (e.cached OR e.operator = 'resolution') AS republished,
       e.operator = 'transformation' AS transformed
FROM read_parquet($events) v
JOIN execution e ON e.native = v.execution
WHERE v.event IN ('INPUT', 'OUTPUT');

CREATE TABLE artifact AS
SELECT ((SELECT count(*) FROM execution)
        + row_number() OVER (ORDER BY a.file_row_number) - 1)::INTEGER AS id,
       a.id AS native,
       CASE WHEN k.follows AND t.artifact IS NOT NULL THEN 'transform' ELSE k.found END AS class
FROM read_parquet($artifacts, file_row_number = true) a
JOIN class_of k
  ON k.type = a.type
 AND k.base_type IS NOT DISTINCT FROM a.base_type
 AND k.artifact IS NOT DISTINCT FROM a.artifact
LEFT JOIN (SELECT DISTINCT artifact FROM event WHERE event = 'OUTPUT' AND transformed) t
  ON t.artifact = a.id;

CREATE TABLE reads AS
SELECT DISTINCT v.execution, a.id AS artifact
FROM event v JOIN artifact a ON a.native = v.artifact
WHERE v.event = 'INPUT' AND NOT v.compared
ORDER BY ALL;

CREATE TABLE writes AS
SELECT DISTINCT v.execution, a.id AS artifact
FROM event v JOIN artifact a ON a.native = v.artifact
WHERE v.event = 'OUTPUT' AND NOT v.republished
ORDER BY ALL;

DROP TABLE event;
