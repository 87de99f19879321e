// Subjects whose folding was cut short, or, where the rules have changed, all of a source.
//
// $source: STRING, the source's name
// $all: BOOLEAN, all of them
// returns about: STRING, the subject
// :param source => ''
// :param all => false
CALL () {
  MATCH (v:Unfolded)
  WHERE v.source = $source
  RETURN v.about AS about
  UNION
  MATCH (v:Event)
  WHERE $all AND v.source = $source
  RETURN v.about AS about
}
RETURN DISTINCT about
ORDER BY about
