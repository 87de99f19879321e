// How many executions repeat others, and how many ran beside one that computed the same.
//
// returns repeats: INTEGER, executions that repeat
// returns concurrent: INTEGER, executions that overlapped
RETURN COUNT { ()-[:REPEATS]->() } AS repeats, COUNT { ()-[:CONCURRENT]->() } AS concurrent
ORDER BY repeats
