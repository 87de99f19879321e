-- How many members of each rank, and spans, the graphlets have; of $trainers alone if it is a list.
SELECT rank, count(*) AS members, count(*) FILTER (WHERE span) AS spans
FROM (
-- members
)
WHERE $trainers IS NULL OR trainer IN (SELECT unnest($trainers::INTEGER[]))
GROUP BY rank
ORDER BY rank
