"""The reader of PROV documents."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import unquote, urlsplit

from lineage.errors import ReadError
from lineage.records import EventKind, Execution
from lineage_ingest.prov.description import Description
from lineage_ingest.prov.flow import flow_of
from lineage_ingest.prov.groups import Groups
from lineage_ingest.prov.library import need_library
from lineage_ingest.prov.look import form_of, says_simulated
from lineage_ingest.prov.nodes import Nodes
from lineage_ingest.prov.place import head_of, is_research_object, place_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage.records import Record
    from lineage_ingest.prov.forms import Read

_FORMS = {"json": "PROV-JSON", "xml": "PROV-XML", "provn": "PROV-N"}
_ENDINGS = (".prov", ".provn", ".provx", ".cwlprov.json", ".cwlprov.xml", ".prov.json", ".prov.xml")


class ProvReader:
    """Reads one document in PROV-JSON, PROV-XML or PROV-N, or one CWLProv research object.

    Takes the path of a document, plain, gzip or Zstandard, or of a research object, a folder or a
    ZIP archive. In it the documents of nested workflows are read, too. PROV-XML with a document
    type declaration is refused: entities are never resolved.

    What becomes what:

    - An activity is an execution, an entity an artifact, known by their URIs; described in several
      bundles, they are one node. Their type is the `prov:type` that says most (one whose class is
      known before others, PROV's own last), else `prov.activity` and `prov.entity`. An activity's
      node is its label, else the last part of its identifier; in a workflow, the step.
    - An activity is `COMPLETE` once it has an end or generated something; else nothing tells its
      state. Times without zone are UTC, and the run says that there were some.
    - `used` and `wasGeneratedBy` are inputs and outputs, with their role. A derivation that names
      its activity implies both. One that does not, and that no one activity explains, is an
      execution that is `inferred`, with cost 0, of the derivation's own type or `prov.derivation`;
      derivations of one type of one entity are one execution. `wasInformedBy` is an artifact
      between the two, unless something flows between them already. A collection is written by an
      inferred execution that reads its members; where an activity wrote it, that also wrote those
      members that nothing else wrote.
    - `specializationOf` and `alternateOf` are properties; nodes are not merged. A special case has
      the digest that the identifier of the general one is made of. An invalidated entity has the
      state `DELETED`.
    - Agents and plans are contexts, and by name properties of the activities they stand beside;
      the digest or commit of a plan is the code version, as is that of a research object's packed
      workflow. UUIDs are no names: they differ from run
      to run, and would make the same step another computation every time.
    - A bundle is a run; what stands outside of bundles belongs to a run of the document's name. All
      are runs of a pipeline of that name. In CWLProv the outermost workflow runs are runs, of the
      pipeline that the workflow calls itself by; steps are part of their workflow's execution.
      What a workflow hands on of a step's outputs is an internal output: it did not make it.
    - An entity with the address of a data set (`prov:location`) has an id that it shares with other
      sources; see `lineage_ingest.prov.nodes`. A digest is what `sha1`, `sha256`, `md5` or
      `checksum` say, or a value that stands in the document.
    - Other attributes are properties, by their local names. What is named and not described exists
      by being named, with the property `undeclared`.

    Set aside: records that the `prov` library refuses, bundles within bundles, relations that name
    too little, influences, times that cannot be.

    Raises:
        ReadError: there is no document, or it cannot be read.
        MissingExtraError: the `prov` library is not installed.
    """

    name: ClassVar[str] = "prov"

    @classmethod
    def recognises(cls, location: str) -> bool:
        """Whether it is a research object, or a file that begins like a document of PROV."""
        path = _path_of(location)
        return path is not None and (_form_at(path) is not None or is_research_object(path))

    @classmethod
    def resembles(cls, location: str) -> bool:
        """Whether it is called like a document of PROV."""
        path = _path_of(location)
        return path is not None and path.is_file() and path.name.lower().endswith(_ENDINGS)

    def __init__(self, location: str) -> None:
        path = _path_of(location)
        if path is None:
            raise ReadError(f"PROV is read from files and folders; {location} is neither")
        self._path = path.resolve()
        self._place = place_of(path)
        need_library(self._place.form)
        self._simulated = says_simulated(head_of(path)) if path.is_file() else False

    @property
    def source(self) -> str:
        """`file:///absolute/path`."""
        return self._path.as_uri()

    @property
    def simulated(self) -> bool:
        """Whether our own export says so; PROV has no word for it."""
        return self._simulated

    @property
    def version(self) -> str:
        """`PROV-JSON`, `PROV-XML`, `PROV-N`, or that of a research object."""
        form = _FORMS[self._place.form]
        return f"CWLProv, {form}" if is_research_object(self._path) else form

    @property
    def cursor(self) -> str | None:
        """None: a document is always read whole."""
        return None

    def identity(self) -> dict[str, int]:
        """Nothing: identifiers are URIs, which are not used again."""
        return {}

    def total(self) -> int | None:
        """None: nothing is counted beforehand."""
        return None

    def records(self, since: str | None = None) -> Iterator[Record]:  # noqa: ARG002
        """Every record, nodes first; the document is held in memory meanwhile.

        Raises:
            ReadError: it is damaged.
        """
        said = Description()
        yield from said.take(self._statements())
        said.settle()
        flow = flow_of(said)
        groups = Groups(said, flow, self._place)
        nodes = Nodes(said, flow, self._place.file)
        for thing in said.activities.values():
            parent, about, node = groups.parent(thing.id), groups.about(thing), groups.node(thing)
            for record in nodes.execution(thing, parent, about, node):
                if isinstance(record, Execution):
                    groups.place(record, thing.bundles)
                yield record
        for inferred in flow.inferred.values():
            made = nodes.inferred(inferred)
            groups.place(made, [inferred.bundle])
            yield made
        hidden = groups.plans | groups.bundles
        ids = {uri: nodes.artifact_id(uri) for uri in said.entities if uri not in hidden}
        for uri in ids:
            yield from nodes.artifact(said.entities[uri])
        for id_, (informant, informed, _) in flow.messages.items():
            yield nodes.message(id_, informant, informed)
        yield from groups.nodes()
        yield from groups.memberships(ids)
        yield from flow.aside
        for event in flow.events.values():
            if event.kind is EventKind.OUTPUT:
                writers = flow.writers(event.artifact)
                if len(writers) > 1 and groups.hands_on(event.execution, writers):
                    event.kind = EventKind.INTERNAL_OUTPUT
            event.artifact = ids.get(event.artifact, event.artifact)
            yield event

    def _statements(self) -> Iterator[Read]:
        for form, name, content in self._place.documents():
            yield from _read(form, content, name)

    def close(self) -> None:
        """Let go of the archive."""
        self._place.close()


def _read(form: str, content: bytes, name: str) -> Iterator[Read]:
    """The statements of a document; each form loads what it needs of the library."""
    if form == "json":
        from lineage_ingest.prov.json_form import read
    elif form == "xml":
        from lineage_ingest.prov.xml_form import read
    else:
        from lineage_ingest.prov.provn_form import read
    return read(content, name)


def _path_of(location: str) -> Path | None:
    """The path that a location means; None where it means something else."""
    if location == "-":
        return None
    if "://" not in location:
        return Path(location).expanduser()
    parts = urlsplit(location)
    local = parts.scheme == "file" and parts.netloc in {"", "localhost"}
    return Path(unquote(parts.path)) if local else None


def _form_at(path: Path) -> str | None:
    try:
        return form_of(head_of(path)) if path.is_file() else None
    except ReadError:
        return None
