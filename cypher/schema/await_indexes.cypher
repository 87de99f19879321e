// Wait until every index is online, five minutes at most.
//
// returns online: BOOLEAN, always true
CALL db.awaitIndexes(300)
RETURN true AS online
ORDER BY online
