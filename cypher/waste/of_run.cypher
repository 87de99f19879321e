// The graphlets of a run's trainers.
//
// $run: STRING, the run's key
// returns key: STRING, the graphlet's key
// :param run => ''
MATCH (r:Run {key: $run})<-[:IN_RUN]-(t:Training)<-[:ANCHOR]-(g:Graphlet)
RETURN g.key AS key
ORDER BY key
