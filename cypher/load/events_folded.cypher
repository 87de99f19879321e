// Note that subjects were folded.
//
// $about: LIST<STRING>, subjects
// returns folded: INTEGER, events that had waited for it
// :param about => []
UNWIND $about AS about
MATCH (v:Event {about: about})
WHERE v:Unfolded
REMOVE v:Unfolded
RETURN count(*) AS folded
ORDER BY folded
