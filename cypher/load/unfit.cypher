// Subjects of a source that earlier loads set aside because their events cannot be folded.
//
// $source: STRING, the source's name
// $kind: STRING, kind of what is set aside so
// returns position: STRING, the subject
// :param source => ''
// :param kind => 'openlineage subject'
MATCH (x:SetAside)
WHERE x.source = $source AND x.kind = $kind
RETURN x.position AS position
ORDER BY position
