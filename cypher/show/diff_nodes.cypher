// What ran in two graphlets, by node: how often, in which state, with which code, at what cost.
//
// A node is known by its name, or by the type of its executions where it has none. The code is the
// code version, else the path of the module as TFX packages it, which holds a digest.
//
// $a: STRING, key of the first graphlet
// $b: STRING, key of the second
// returns side: STRING, `a` or `b`
// returns node: STRING, its name
// returns type: STRING, native type of its newest execution
// returns operator: STRING, operator class of its newest execution
// returns code: STRING, code of its newest execution, or null
// returns parts: LIST<MAP>, executions by state, code and cost_unit: how many, cost of the `known`
// returns properties: MAP, all of its newest execution
// :param a => ''
// :param b => ''
UNWIND [$a, $b] AS key
MATCH (:Graphlet {key: key})-[:ANCHOR|ANCESTOR|DESCENDANT|ANALYSIS]->(e:Execution)
WITH CASE key WHEN $a THEN 'a' ELSE 'b' END AS side, coalesce(e.node, e.type) AS node,
     coalesce(e.code_version, toString(e['p_module_path'])) AS code,
     CASE WHEN e.abandoned THEN 'ABANDONED' ELSE e.state END AS state,
     e.cost_unit AS unit, count(*) AS executions, sum(e.cost) AS cost, count(e.cost) AS known,
     max([coalesce(e.started.epochMillis, -1), coalesce(toIntegerOrNull(e.source_id), -1), e.key,
          e]) AS newest
ORDER BY state, code, unit
WITH side, node, max(newest)[3] AS newest,
     collect({state: state, code: code, cost_unit: unit, executions: executions, known: known,
              cost: toFloat(cost)}) AS parts
RETURN side, node, newest.type AS type, newest.operator AS operator,
       coalesce(newest.code_version, toString(newest['p_module_path'])) AS code, parts,
       properties(newest) AS properties
ORDER BY node, side
