// How many executions wait to be dissolved, signed or grouped.
//
// returns undone: INTEGER, the first
// returns unsigned: INTEGER, the second
// returns ungrouped: INTEGER, the third
RETURN COUNT { (:Undone) } AS undone, COUNT { (:Unsigned) } AS unsigned,
       COUNT { (:Ungrouped) } AS ungrouped
ORDER BY undone
