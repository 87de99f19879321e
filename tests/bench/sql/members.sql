-- The members of every graphlet, with their rank: 0 trainer, 1 boundary, 2 ancestor, 3 descendant,
-- 4 analysis; `span` for an ancestor artifact that is a span trained on.
-- For trainers of which the number is at least $low and below $high.
WITH RECURSIVE trainer AS (
  SELECT id FROM execution
  WHERE operator = 'training' AND NOT cached AND id >= $low AND id < $high
), up(trainer, execution, clean) AS (
  SELECT id, id, true FROM trainer
  UNION
  SELECT u.trainer, m.producer, u.clean AND m.clean
  FROM up u JOIN made_by m ON m.execution = u.execution
), down(trainer, execution) AS (
  SELECT id, id FROM trainer
  UNION
  SELECT d.trainer, u.consumer
  FROM down d JOIN used_by u ON u.execution = d.execution
), above AS MATERIALIZED (
  SELECT u.trainer, i.artifact, min(i.rank) AS rank, bool_or(i.span AND u.clean) AS span
  FROM up u JOIN input i ON i.execution = u.execution
  GROUP BY ALL
), side AS MATERIALIZED (
  SELECT DISTINCT a.trainer, l.execution
  FROM above a JOIN looked_at_by l ON l.artifact = a.artifact
  WHERE a.rank = 2
), found(trainer, node, rank, span) AS (
  SELECT id, id, 0::TINYINT, false FROM trainer
  UNION ALL
  SELECT trainer, execution, 2::TINYINT, false FROM up WHERE execution <> trainer
  UNION ALL
  FROM above
  UNION ALL
  SELECT trainer, execution, 3::TINYINT, false FROM down WHERE execution <> trainer
  UNION ALL
  SELECT d.trainer, w.artifact, 3::TINYINT, false
  FROM down d JOIN writes w ON w.execution = d.execution
  UNION ALL
  SELECT trainer, execution, 4::TINYINT, false FROM side
  UNION ALL
  SELECT s.trainer, w.artifact, 4::TINYINT, false
  FROM side s JOIN writes w ON w.execution = s.execution
)
SELECT trainer, node, min(rank) AS rank, bool_or(span) AND min(rank) = 2 AS span
FROM found
GROUP BY trainer, node
