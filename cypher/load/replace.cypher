// Take away what earlier folds of runs said and the present ones do not.
//
// What else touches a version that a run did not write after all tells of it anew: those runs are
// to be folded again.
//
// A pipeline that a run is said to be of no more, by no execution in it, is left. What is known of a
// run by its name alone, or not by its own events any more, is told anew by those in it.
//
// $rows: LIST<MAP>, execution, run, parent, pipeline and parts (keys), job: the pipeline's id, and edges: type, a space and the artifact's key
// returns removed: INTEGER, relationships and nodes
// :param rows => []
UNWIND $rows AS row
MATCH (e:Execution {key: row.execution})
CALL (e, row) {
  MATCH (e)-[r:INPUT|OUTPUT|REPUBLISHED|REFERENCE|NAMED_INPUT|INTERNAL_INPUT|INTERNAL_OUTPUT]-(a:Artifact)
  WITH e, row, r, a, CASE WHEN r.named IS NOT NULL THEN 'NAMED_INPUT ' + r.named
                          WHEN type(r) = 'REPUBLISHED' THEN 'OUTPUT ' + a.key
                          WHEN type(r) = 'REFERENCE' THEN 'INPUT ' + a.key
                          ELSE type(r) + ' ' + a.key END AS said
  WHERE NOT said IN row.edges
  SET e:Unsegmented:Unbound, a:Unsegmented
  WITH e, a, r, type(r) = 'OUTPUT' AND a.dataset IS NOT NULL
             AND NOT 'INTERNAL_OUTPUT ' + a.key IN row.edges AS wrote
  DELETE r
  WITH e, a, max(CASE WHEN wrote THEN 1 ELSE 0 END) AS wrote
  CALL (a, wrote) {
    WITH * WHERE wrote = 1
    SET a.written = null, a.revision = ''
    WITH a
    MATCH (a)-[:INPUT|OUTPUT]-(x:Execution)
    SET x:Unbound
    WITH DISTINCT CASE WHEN x.p_part_of_outputs IS NULL THEN x.key ELSE x.parent END AS key
    WITH key, split(key, '#execution/')[0] AS source
    WITH source + '#run/' + substring(key, size(source) + 11) AS about
    MATCH (v:Event {about: about})
    SET v:Unfolded
  }
  CALL (a, e) {
    MATCH (v:Event {about: split(e.key, '#')[0] + '#dataset/' + a.dataset})
    SET v:Unfolded
  }
  WITH a WHERE a.dataset IS NOT NULL AND NOT EXISTS { (a)--(:Execution) }
  DETACH DELETE a
}
CALL (e, row) {
  MATCH (e)<-[:PART_OF]-(part:Execution)
  WHERE part.p_part_of_outputs IS NOT NULL AND NOT part.key IN row.parts
  CALL (part) {
    MATCH (part)<-[:BOUNDARY|ANCESTOR|DESCENDANT|ANALYSIS]-(:Graphlet)-[:ANCHOR]->(t)
    SET t:Uncut
  }
  CALL (part) {
    MATCH (part)<-[:ANCHOR]-(g:Graphlet)
    OPTIONAL MATCH (before)-[:NEXT]->(g)
    SET before:Unlinked
    DETACH DELETE g
  }
  CALL (part) {
    MATCH (part)-[:REPEATS|CONCURRENT]-(mate)
    SET mate:Undone
  }
  CALL (part) {
    MATCH (part)-[:OUTPUT]->(a)
    SET a:Unsegmented, a.written = null
    WITH a
    MATCH (a)-[:INPUT|OUTPUT]-(x:Execution)
    SET x:Unsegmented:Unbound
  }
  SET e:Unsegmented
  WITH part, COLLECT { MATCH (part)--(a:Artifact) RETURN DISTINCT a } AS touched
  DETACH DELETE part
  WITH touched
  UNWIND touched AS a
  WITH a WHERE a.dataset IS NOT NULL AND NOT EXISTS { (a)--(:Execution) }
  DETACH DELETE a
}
CALL (e, row) {
  MATCH (e)-[:IN_RUN]->(run:Run)-[r:OF]->(p:Pipeline)
  WHERE p.source_id = e.`p_facet.root_job` AND (run.key <> row.run OR p.key <> row.pipeline)
    AND NOT EXISTS {
      (run)<-[:IN_RUN]-(x:Execution) WHERE x <> e AND x.`p_facet.root_job` = p.source_id
    }
  SET e:Unsegmented, run:Unsettled
  DELETE r
  WITH run, p
  CALL (run) {
    WITH run WHERE run.revision STARTS WITH '0:'
    SET run.revision = ''
    WITH run
    MATCH (run)<-[:IN_RUN]-(x:Execution)
    WITH x.key AS key, split(x.key, '#execution/')[0] AS source
    MATCH (v:Event {about: source + '#run/' + substring(key, size(source) + 11)})
    SET v:Unfolded
  }
  WITH p
  WHERE p.p_declared IS NULL AND NOT EXISTS { (p)<-[:OF]-() }
  DETACH DELETE p
}
SET e.`p_facet.root_job` = row.job
WITH e, row
CALL (e, row) {
  MATCH (e)-[r:PART_OF]->(former:Execution)
  WHERE former.key <> coalesce(row.parent, '')
  SET e:Unsegmented:Unbound, former:Unsegmented:Unbound
  DELETE r
}
CALL (e, row) {
  MATCH (e)-[r:IN_RUN]->(former:Run)
  WHERE former.key <> row.run
  SET e:Unsegmented
  DELETE r
  WITH DISTINCT e, former
  CALL (e, former) {
    WITH * WHERE former.source_id = e.source_id
    MATCH (former)<-[:IN_RUN]-(x:Execution)
    SET former.revision = ''
    WITH x.key AS key, split(x.key, '#execution/')[0] AS source
    MATCH (v:Event {about: source + '#run/' + substring(key, size(source) + 11)})
    SET v:Unfolded
  }
  WITH former
  WHERE NOT EXISTS { (former)<-[:IN_RUN]-() }
  OPTIONAL MATCH (former)-[:OF]->(p:Pipeline)
  DETACH DELETE former
  WITH DISTINCT p
  WHERE p.p_declared IS NULL AND NOT EXISTS { (p)<-[:OF]-() }
  DETACH DELETE p
}
RETURN count(*) AS removed
ORDER BY removed
