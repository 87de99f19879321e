-- One more run of a pipeline, like the one that the training execution $trainer is part of: a table
-- for each table of a trace, ids behind $mark, everything an hour later.

CREATE OR REPLACE TEMP TABLE fresh_run AS
SELECT container AS id FROM read_parquet($memberships)
WHERE member_kind = 'execution' AND container_kind = 'run' AND member = $trainer;

CREATE OR REPLACE TEMP TABLE fresh_execution AS
SELECT member AS id FROM read_parquet($memberships)
WHERE member_kind = 'execution' AND container IN (FROM fresh_run) AND container_kind = 'run';

CREATE OR REPLACE TEMP TABLE fresh_artifact AS
SELECT DISTINCT a.native AS id
FROM fresh_execution f
JOIN execution e ON e.native = f.id
JOIN writes w ON w.execution = e.id  -- not what a resolver or a cached execution hands on
JOIN artifact a ON a.id = w.artifact;

CREATE OR REPLACE TEMP TABLE fresh_runs AS
SELECT * REPLACE (
  id || $mark AS id, name || $mark AS name, started + INTERVAL 1 HOUR AS started,
  ended + INTERVAL 1 HOUR AS ended, created + INTERVAL 1 HOUR AS created,
  updated + INTERVAL 1 HOUR AS updated
)
FROM read_parquet($runs) WHERE id IN (FROM fresh_run);

CREATE OR REPLACE TEMP TABLE fresh_executions AS
SELECT * REPLACE (
  id || $mark AS id, started + INTERVAL 1 HOUR AS started, ended + INTERVAL 1 HOUR AS ended,
  created + INTERVAL 1 HOUR AS created, updated + INTERVAL 1 HOUR AS updated
)
FROM read_parquet($executions) WHERE id IN (FROM fresh_execution);

CREATE OR REPLACE TEMP TABLE fresh_artifacts AS
SELECT * REPLACE (
  id || $mark AS id, created + INTERVAL 1 HOUR AS created, updated + INTERVAL 1 HOUR AS updated
)
FROM read_parquet($artifacts) WHERE id IN (FROM fresh_artifact);

CREATE OR REPLACE TEMP TABLE fresh_events AS
SELECT * REPLACE (
  execution || $mark AS execution,
  CASE WHEN artifact IN (FROM fresh_artifact) THEN artifact || $mark ELSE artifact END AS artifact,
  time + INTERVAL 1 HOUR AS time
)
FROM read_parquet($events) WHERE execution IN (FROM fresh_execution);

CREATE OR REPLACE TEMP TABLE fresh_memberships AS
SELECT * REPLACE (
  member || $mark AS member,
  CASE WHEN container_kind = 'run' THEN container || $mark ELSE container END AS container
)
FROM read_parquet($memberships)
WHERE (member_kind = 'execution' AND member IN (FROM fresh_execution))
   OR (member_kind = 'artifact' AND member IN (FROM fresh_artifact))
   OR (member_kind = 'run' AND member IN (FROM fresh_run));
