// How many trainers wait for their graphlet to be cut.
//
// returns uncut: INTEGER, how many
MATCH (t:Uncut)
RETURN count(t) AS uncut
ORDER BY uncut
