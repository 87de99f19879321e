// Give artifacts of a data set the name that it goes by; what had both becomes one.
//
// Of two nodes of one version the later record stays. Executions on both sides are marked, so that
// their graphlets are cut anew.
//
// $rows: LIST<MAP>, was and key: keys; id, dataset, content, name and full_name as they
// are to be; no key twice
// returns moved: INTEGER, artifacts
// :param rows => []
UNWIND $rows AS row
MATCH (a:Artifact {key: row.was})
OPTIONAL MATCH (one:Artifact {key: row.key})
CALL (a, row) {
  MATCH (a)-[:NAMED_INPUT]->(e:Execution)
  MATCH (e)<-[r:INPUT {named: row.was}]-()
  DELETE r
}
CALL (a, one, row) {
  WITH * WHERE one IS NULL
  SET a.key = row.key, a.source_id = row.id, a.dataset = row.dataset, a.content = row.content,
      a.name = row.name, a.full_name = row.full_name, a:Unsegmented,
      a.written = CASE WHEN a.written = -1 THEN -1 END
  WITH a
  MATCH (a)-[:INPUT|OUTPUT|NAMED_INPUT|REPUBLISHED|REFERENCE]-(e:Execution)
  SET e:Unsegmented:Unbound
}
CALL (a, one) {
  WITH * WHERE one IS NOT NULL
  CALL (a, one) {
    MATCH (a)-[r:NAMED_INPUT]->(e:Execution)
    MERGE (one)-[now:NAMED_INPUT {name: r.name}]->(e)
    SET now = properties(r), e:Unsegmented:Unbound
  }
  CALL (a, one) {
    MATCH (a)-[r:INPUT]->(e:Execution)
    WHERE r.named IS NULL
      AND NOT EXISTS { (one)-[same:INPUT {name: r.name}]->(e) WHERE same.named IS NULL }
    CREATE (one)-[now:INPUT]->(e)
    SET now = properties(r), e:Unsegmented:Unbound
  }
  CALL (a, one) {
    MATCH (a)-[r:INPUT]->(e:Execution)
    WHERE r.named IS NOT NULL
    SET e:Unsegmented:Unbound
  }
  CALL (a, one) {
    MATCH (a)<-[r:OUTPUT]-(e:Execution)
    MERGE (one)<-[now:OUTPUT {name: r.name}]-(e)
    SET now = properties(r), e:Unsegmented:Unbound
  }
  CALL (a, one) {
    MATCH (a)-[r:REFERENCE|INTERNAL_INPUT]->(e:Execution)
    WHERE NOT EXISTS {
      (one)-[same:REFERENCE|INTERNAL_INPUT {name: r.name}]->(e) WHERE type(same) = type(r)
    }
    CREATE (one)-[now:$(type(r))]->(e)
    SET now = properties(r), e:Unsegmented
  }
  CALL (a, one) {
    MATCH (a)<-[r:REPUBLISHED|INTERNAL_OUTPUT|PENDING_OUTPUT]-(e:Execution)
    WHERE NOT EXISTS {
      (one)<-[same:REPUBLISHED|INTERNAL_OUTPUT|PENDING_OUTPUT {name: r.name}]-(e)
      WHERE type(same) = type(r)
    }
    CREATE (one)<-[now:$(type(r))]-(e)
    SET now = properties(r), e:Unsegmented
  }
  SET one:Unsegmented, one.written = CASE WHEN one.written = -1 THEN -1 END
  WITH a, one, labels(one) AS old,
       CASE WHEN a.revision > one.revision THEN properties(a) END AS later,
       [label IN labels(a) WHERE a.revision > one.revision | label] AS more
  WITH a, one, old, later, more, one {.key, .source_id, .dataset, .content, .name, .full_name, .written} AS own
  DETACH DELETE a
  WITH one, old, later, more, own
  WHERE later IS NOT NULL
  REMOVE one:$(old)
  SET one:$(more), one:Unsegmented
  SET one = later
  SET one += own
}
RETURN count(*) AS moved
ORDER BY moved
