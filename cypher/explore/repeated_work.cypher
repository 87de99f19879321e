// The twenty computations that were repeated at the highest cost, with what repeats them.
//
// returns original: NODE, the first to end
// returns repeats: LIST<RELATIONSHIP>, links to it, twenty at most
// returns again: LIST<NODE>, the executions that did it again
// returns saved: FLOAT, what all repeats cost
MATCH (e)-[link:REPEATS]->(original)
WITH original, e, link ORDER BY e.cost DESC, e.key
WITH original, collect(link)[..20] AS repeats, collect(e)[..20] AS again, sum(e.cost) AS saved
RETURN original, repeats, again, saved
ORDER BY saved DESC, original.key
LIMIT 20
