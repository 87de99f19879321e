-- The executions that anchor a graphlet.
SELECT id FROM execution WHERE operator = 'training' AND NOT cached ORDER BY id
