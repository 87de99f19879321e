// Every event that tells of one of some subjects.
//
// $about: LIST<STRING>, subjects
// returns about: STRING, the subject
// returns body: BYTES, the event: JSON, UTF-8, Zstandard
// :param about => []
UNWIND $about AS about
MATCH (v:Event {about: about})
RETURN about, v.body AS body
ORDER BY about, v.key
