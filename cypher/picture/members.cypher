// The members of a graphlet, with what a picture of it is folded by.
//
// Numbers and texts alone: there may be many rows, and times are slow to read.
//
// $key: STRING, the graphlet's key
// returns key: STRING, the node's key
// returns kind: STRING, execution or artifact
// returns class: STRING, class of the operator or of the artifact
// returns type: STRING, native type
// returns name: STRING, for people
// returns role: STRING, trainer, boundary, ancestor, descendant or analysis
// returns span: BOOLEAN, whether the model was trained on it
// returns holders: INTEGER, how many graphlets hold it
// returns state: STRING, as its source says, or ABANDONED
// returns cost: FLOAT, in cost_unit
// returns cost_unit: STRING, of the cost
// returns started: INTEGER, ms since 1970, or null
// returns ended: INTEGER, ms since 1970, or null
// :param key => ''
MATCH (:Graphlet {key: $key})-[c:ANCHOR|BOUNDARY|ANCESTOR|SPAN|DESCENDANT|ANALYSIS]->(m)
RETURN m.key AS key, CASE WHEN m:Execution THEN 'execution' ELSE 'artifact' END AS kind,
       coalesce(m.operator, m.artifact) AS class, m.type AS type, m.name AS name,
       CASE type(c) WHEN 'ANCHOR' THEN 'trainer' WHEN 'SPAN' THEN 'ancestor'
                    ELSE toLower(type(c)) END AS role,
       type(c) = 'SPAN' AS span,
       COUNT { (m)<-[:ANCHOR|BOUNDARY|ANCESTOR|SPAN|DESCENDANT|ANALYSIS]-() } AS holders,
       CASE WHEN m.abandoned THEN 'ABANDONED' ELSE m.state END AS state,
       m.cost AS cost, m.cost_unit AS cost_unit,
       coalesce(m.started, m.created).epochMillis AS started, m.ended.epochMillis AS ended
ORDER BY key
