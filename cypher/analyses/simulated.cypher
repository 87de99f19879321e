// Sources whose records were made up by a simulation, as far as a report looks at them.
//
// $source: STRING, only this source, or null for all
// $pipeline: STRING, only sources with this pipeline, or null for all
// returns source: STRING, the source's name
// :param source => null
// :param pipeline => null
MATCH (s:Source)
WHERE s.simulated AND ($source IS NULL OR s.name = $source)
  AND ($pipeline IS NULL OR EXISTS {
    MATCH (p:Pipeline {name: $pipeline}) WHERE p.source = s.name
  })
RETURN s.name AS source
ORDER BY source
