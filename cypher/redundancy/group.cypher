// Make classes of equivalent executions of those that share a signature, and name what they wrote.
//
// Equivalent are those of one recipe that read, role by role and index by index, artifacts of one
// content; where the code's version is not known, within one pipeline. In each class the original
// is the earliest to end; one that starts after that repeats it, one that overlaps is concurrent.
//
// What they wrote to the same place (role and index where unique within the execution, else class
// and name where that is) is the same: it takes the content that a digest tells, else the smallest
// name of them. Digests that differ outweigh that: then the class is unstable, nothing is linked
// and nothing named. A name only ever gets smaller, so rounds end; who reads what was named is to
// be signed anew, who else wrote it is to be compared again.
//
// A class is assumed where code is unknown, or where it rests on outputs of an assumed one.
//
// $hints: LIST<STRING>, input roles that do not alter what is computed
// returns grouped: INTEGER, signatures looked at
// returns problem: STRING, why others were not, or null; they keep their marks
// :param hints => ['analyzer_cache']
// :auto
MATCH (u:Ungrouped)
WITH u.signature AS signature, collect(u) AS marked
CALL (signature, marked) {
  FOREACH (u IN marked | REMOVE u:Ungrouped)
  WITH signature WHERE signature IS NOT NULL
  MATCH (e:Execution {signature: signature})
  WITH e,
       COLLECT {
         MATCH (a)-[r:INPUT|REFERENCE]->(e)
         WHERE NOT r.role IN $hints
         WITH r.name + '\u001F' + a.artifact + '\u001F' + toString(coalesce(a.same, a.content)) AS one
         RETURN one ORDER BY one
       } AS read,
       COLLECT {
         MATCH (a)-[r:INPUT|REFERENCE]->(e)
         WHERE NOT r.role IN $hints
         WITH r.name + '\u001F' + a.artifact + '\u001F'
              + toString(CASE WHEN a.assumed THEN a.content ELSE coalesce(a.same, a.content) END)
              AS one
         RETURN one ORDER BY one
       } AS proven
  ORDER BY e.ended, e.started, e.key
  WITH e.recipe AS recipe, read,
       CASE WHEN e.code_version <> '' THEN null ELSE e.source + '\u001F' + e.pipeline END AS scope,
       collect(e) AS members, count(DISTINCT proven) > 1 AS derived
  WHERE size(members) > 1
  WITH members, derived OR scope IS NOT NULL AS assumed
  WITH members, members[0] AS original, assumed, COLLECT {
         CALL (members) {
           UNWIND members AS e
           MATCH (e)-[w:OUTPUT]->(a)
           WITH e, w.name AS role, collect(a) AS those
           WHERE size(those) = 1
           RETURN 'role ' + those[0].artifact + '\u001F' + role AS place, those[0] AS a
           UNION
           UNWIND members AS e
           MATCH (e)-[w:OUTPUT]->(a)
           WITH e, a.artifact + '\u001F' + a.name AS name, collect(a) AS those,
                head(collect(w.name)) AS role
           WHERE size(those) = 1 AND COUNT { (e)-[:OUTPUT {name: role}]->() } > 1
           RETURN 'name ' + name AS place, those[0] AS a
         }
         WITH place, collect(a) AS those, min(coalesce(a.same, -a.content)) AS least,
              collect(DISTINCT CASE WHEN a.content < 0 THEN a.content END) AS told
         WHERE size(those) > 1
         RETURN {
           those: [a IN those WHERE a.content > 0],
           digests: size(told),
           name: CASE WHEN size(told) > 0 THEN told[0]
                      WHEN least < -1152921504606846976 THEN least
                      ELSE least - 1152921504606846976 END
         }
       } AS places
  WITH members, original, assumed, places,
       any(place IN places WHERE place.digests > 1) OR any(e IN members WHERE e.unstable IS NOT NULL)
       AS unstable
  CALL (members, original, assumed, unstable) {
    UNWIND members AS e
    CALL (e, original, assumed, unstable) {
      MATCH (e)-[old:REPEATS|CONCURRENT]->(before)
      WHERE unstable OR before <> original OR coalesce(old.assumed, false) <> assumed
         OR type(old) <> CASE WHEN e.started >= original.ended THEN 'REPEATS' ELSE 'CONCURRENT' END
      DELETE old
    }
    WITH e, original, assumed, unstable
    WHERE NOT unstable AND e <> original
      AND NOT EXISTS { (e)-[:REPEATS|CONCURRENT]->(original) }
    CREATE (e)-[link:$(CASE WHEN e.started >= original.ended THEN 'REPEATS'
                            ELSE 'CONCURRENT' END)]->(original)
    SET link.assumed = CASE WHEN assumed THEN true END
  }
  CALL (members, places, unstable) {
    WITH members, places WHERE unstable AND any(e IN members WHERE e.unstable IS NULL)
    FOREACH (e IN members | SET e.unstable = true)
    WITH members WHERE any(place IN places WHERE any(a IN place.those WHERE a.same IS NOT NULL))
    FOREACH (e IN members | SET e:Undone)
  }
  CALL (original, places, assumed, unstable) {
    WITH original, places, assumed WHERE NOT unstable
    UNWIND places AS place
    UNWIND place.those AS a
    WITH original, a, place.name AS name, assumed
    WHERE coalesce(a.same, 0) > name OR a.same IS NULL OR assumed AND a.assumed IS NULL
    SET a.same = name
    FOREACH (_ IN CASE WHEN assumed THEN [1] ELSE [] END | SET a.assumed = true)
    WITH original, a
    CALL (a) {
      MATCH (a)-[:INPUT|REFERENCE]->(e WHERE e.recipe IS NOT NULL)
      SET e:Unsigned
    }
    CALL (original, a) {
      MATCH (a)<-[:OUTPUT]-(e)
      WHERE e.signature <> original.signature OR e.pipeline <> original.pipeline
      SET e:Ungrouped
    }
  }
} IN 2 CONCURRENT TRANSACTIONS OF 200 ROWS
  ON ERROR CONTINUE
  REPORT STATUS AS status
RETURN count(DISTINCT signature) AS grouped, max(status.errorMessage) AS problem
ORDER BY grouped
