// Which pairs of names are said to be of one data set.
//
// returns left: STRING, canonical name
// returns right: STRING, canonical name
MATCH (n:Alias)
RETURN DISTINCT n.left AS left, n.right AS right
ORDER BY left, right
