// How many graphlets there are.
//
// returns graphlets: INTEGER, how many
MATCH (g:Graphlet)
RETURN count(g) AS graphlets
ORDER BY graphlets
