"""The graph's schema, declared once: nodes, relationships, keys, indexes, properties.

From it come the constraints, the table in the README, and the version that the graph carries.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lineage.errors import SchemaVersionError

if TYPE_CHECKING:
    from lineage.graph import Graph, Transaction
    from lineage.records import ArtifactClass, OperatorClass

VERSION = 6

# Labels that say what is still to be done, beside those that say what a node is.
CHANGED = "Unsegmented"
RUNNING = "Running"
PRUNABLE = "Prunable"
ORPHAN = "Orphan"
MARKS = (
    (RUNNING, "Execution", "its source says that it runs"),
    (ORPHAN, "Execution", "its parent is not there"),
    (CHANGED, "Execution|Artifact", "new or changed since the last segmentation"),
    ("Uncut", "Execution", "a trainer whose graphlet is to be cut"),
    ("Unlinked", "Graphlet", "its neighbours are to be found"),
    (PRUNABLE, "any", "about to be pruned"),
    ("Unsettled", "Run|Context|Pipeline|Execution", "what it is part of has changed"),
    ("Undone", "Execution", "its equivalence is to be found anew"),
    ("Unsigned", "Execution", "what it reads is to be added up"),
    ("Ungrouped", "Execution", "those that are like it are to be found"),
    ("Unfolded", "Event", "its run is to be folded anew"),
    ("Unbound", "Execution", "what it reads or writes by name is to be found"),
    ("Cyclic", "Graphlet", "data made from the model went into it"),
)


@dataclass(frozen=True, slots=True)
class NodeType:
    """A label: what it stands for, its key, its own properties and further indexes.

    An index on several properties joins their names with `+`.
    """

    label: str
    says: str
    key: str
    properties: tuple[tuple[str, str], ...]
    indexes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RelationshipType:
    """A relationship type between two labels."""

    type: str
    start: str
    end: str
    says: str
    properties: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Schema:
    """All of it."""

    nodes: tuple[NodeType, ...]
    relationships: tuple[RelationshipType, ...]

    def markdown(self) -> str:
        """The tables of the README."""
        lines = ["| node | key | says |", "| --- | --- | --- |"]
        lines += [f"| `{node.label}` | {node.key} | {node.says} |" for node in self.nodes]
        lines += ["", "| relationship | says |", "| --- | --- |"]
        for one in self.relationships:
            shape = f"(:{one.start})-[:{one.type}]->(:{one.end})".replace("|", "\\|")
            lines.append(f"| `{shape}` | {one.says} |")
        marks = "; ".join(f"`{label}` ({says})" for label, _, says in MARKS)
        lines += ["", f"Labels that mark what is still to be done: {marks}."]
        return "\n".join(lines)


def label_of(kind: OperatorClass | ArtifactClass) -> str:
    """The label of a class: `training` is `Training`.

    Three names are in both vocabularies (`deployment`, `evaluation`, `other`): their labels are
    shared, and always stand beside `Execution` or `Artifact`.
    """
    return kind.value.capitalize()


_COMMON = (
    ("key", "unique: source, kind and native id"),
    ("source", "which store it came from"),
    ("source_id", "its id there, as text"),
    ("name", "for people; a long one is cut"),
    ("full_name", "where the name was cut"),
    ("revision", "update time and content hash of the record it was written from"),
)
_TIMES = (("created", "when the source made the record"), ("updated", "when it last changed it"))
_NATIVE = (("p_*", "the source's own properties"), ("json_*", "those that nest, as JSON text"))
_EDGE = (
    ("name", "role and index as one, `examples[0]`"),
    ("role", "what the artifact was to the execution"),
    ("index", "its place in that role"),
    ("time", "when"),
)

SCHEMA = Schema(
    nodes=(
        NodeType(
            "Pipeline",
            "a recurring job",
            "source + name",
            (
                *_COMMON,
                ("type", "native type"),
                ("native_id", "the source's own id, where the key holds the name"),
                *_TIMES,
                *_NATIVE,
            ),
            indexes=("name",),
        ),
        NodeType(
            "Run",
            "one run of a pipeline",
            "source + id",
            (
                *_COMMON,
                ("type", "native type"),
                ("state", "as the source says"),
                ("started", "first sign of life"),
                ("ended", "when it ended"),
                *_TIMES,
                *_NATIVE,
            ),
            indexes=("name",),
        ),
        NodeType(
            "Context",
            "any other grouping that a source keeps",
            "source + id",
            (*_COMMON, ("type", "native type"), *_TIMES, *_NATIVE),
        ),
        NodeType(
            "Execution",
            "one run of an operator; also labelled with its operator class",
            "source + id",
            (
                *_COMMON,
                ("type", "native type"),
                ("base_type", "what the source's type system says it is"),
                ("node", "node or task within the pipeline"),
                ("operator", "operator class"),
                ("class_by", "what the class was found by; `nothing` when it is a guess"),
                ("state", "as the source says"),
                ("abandoned", "true when it has been RUNNING in silence beyond the horizon"),
                ("started", "when it started"),
                ("ended", "when it ended"),
                ("cost", "in `cost_unit`; absent when unknown"),
                ("cost_unit", "s when the cost is a duration"),
                ("cost_from", "where the cost came from"),
                ("first_seen", "when it was first loaded, where it has no time of its own"),
                ("code_version", "of what ran"),
                ("family", "of the model, where a training names it"),
                ("parent", "key of the execution it is part of"),
                ("in_cycle", "true where its parents lead back to it; it counts as part of none"),
                ("pipeline", "name of the pipeline it counts for"),
                (
                    "recipe",
                    "number of its type, code and parameters; absent where it is like no other",
                ),
                ("fingerprinted", "true where a parameter tells the content of what it read"),
                ("signature", "recipe and content of what it read, added up; equivalents share it"),
                ("unstable", "true where equivalents wrote different content"),
                ("pruned", "true for a trainer whose graphlet was pruned: it gets no new one"),
                *_TIMES,
                *_NATIVE,
            ),
            indexes=("name", "signature"),
        ),
        NodeType(
            "Artifact",
            "data read or written; also labelled with its artifact class",
            "source + id",
            (
                *_COMMON,
                ("type", "native type"),
                ("base_type", "what the source's type system says it is"),
                ("artifact", "artifact class"),
                ("class_by", "what the class was found by; `nothing` when it is a guess"),
                (
                    "follows_producer",
                    "true when the class is `transform` once a transformation made it",
                ),
                ("uri", "where the data is"),
                ("digest", "of the content, where known"),
                ("version", "where known"),
                (
                    "dataset",
                    "canonical name of the data set it is a version of; a digest of a long one",
                ),
                ("written", "when its writer ended, ms since 1970; -1 for a data set as such"),
                ("content", "number of the digest, else of the node"),
                ("same", "number that it shares with what equivalent executions wrote"),
                ("assumed", "true where that rests on code of unknown version"),
                ("size", "bytes, where known"),
                ("state", "as the source says"),
                ("pushed", "for a deployment's output: false when nothing was pushed"),
                ("feature_names", "of a data set's features, sorted"),
                ("feature_kinds", "`numeric` or `categorical`, one for each name"),
                ("feature_weights", "16 shares of values (thousandths) for each; 0 when unknown"),
                ("feature_hashes", "16 locality-sensitive hashes for each; 0 when unknown"),
                *_TIMES,
                *_NATIVE,
            ),
            indexes=("name", "digest", "dataset", "dataset+written"),
        ),
        NodeType(
            "Event",
            "an event as a source sent it; what it tells of is folded from all such events",
            "source + content hash",
            (
                ("key", "unique"),
                ("name", "for people"),
                ("source", "which source"),
                ("about", "source, and the run, job or data set that it tells of"),
                ("time", "when, microseconds since 1970; -1 when that is not known"),
                ("body", "the event: JSON, UTF-8, Zstandard"),
            ),
            indexes=("about",),
        ),
        NodeType(
            "Alias",
            "two names of one data set",
            "source + names",
            (
                ("key", "unique"),
                ("name", "for people"),
                ("source", "which source says so"),
                ("left", "canonical name"),
                ("right", "canonical name"),
                ("why", "what says so"),
            ),
        ),
        NodeType(
            "Graphlet",
            "one model's story",
            "the trainer's key",
            (
                *_COMMON,
                ("pipeline", "name of the trainer's pipeline"),
                ("node", "the trainer's node"),
                ("family", "of the model, where the trainer names it"),
                ("started", "the trainer's start"),
                ("began", "start of the first execution in it"),
                ("ended", "end of the last execution in it"),
                ("state", "`open` while an execution in it is running, else `complete`"),
                ("pushed", "whether the model was deployed"),
                ("pushed_at", "when it first was, where that is known"),
                ("cost", "of all its executions, in `cost_unit`"),
                ("cost_unit", "the trainer's"),
                ("executions", "how many"),
                ("artifacts", "how many"),
                ("place", "sorts the graphlets of one trainer node"),
            ),
            indexes=("pipeline", "place"),
        ),
        NodeType(
            "Source",
            "a store that was loaded",
            "name",
            (
                ("key", "unique: the source's name"),
                ("name", "the source's name"),
                ("reader", "which reader took it"),
                ("format", "its format and version"),
                ("simulated", "true where a simulation made it up, else absent"),
                ("cursor", "where the next load goes on"),
                ("derivation", "digest of the settings that classes and costs were derived with"),
                ("newest", "the newest time seen in it"),
                ("horizon", "how far back it is kept, once it was pruned"),
                ("segmented", "true once its graphlets were cut"),
                ("closed", "true once its executions were compared"),
                ("changed", "the last ingestion that changed anything"),
            ),
        ),
        NodeType(
            "Load",
            "one load of a source",
            "source + start",
            (
                ("key", "unique"),
                ("source", "which source"),
                ("name", "for people"),
                ("status", "`running`, `done` or `failed`"),
                ("started", "when"),
                ("ended", "when"),
                ("again", "when a later one began that changed nothing, if one did"),
                ("read_*", "records read, by kind"),
                ("written", "nodes and relationships written or changed"),
                ("set_aside", "records that could not be used"),
                ("skipped", "records from before the source's horizon"),
                ("statistics", "artifacts whose features were read from their statistics"),
            ),
        ),
        NodeType(
            "SetAside",
            "a record that could not be used",
            "source + position + reason",
            (
                ("key", "unique"),
                ("source", "which source"),
                ("name", "for people"),
                ("kind", "of record"),
                ("position", "where it stood"),
                ("reason", "why"),
            ),
        ),
    ),
    relationships=(
        RelationshipType(
            "INPUT",
            "Artifact",
            "Execution",
            "read",
            (*_EDGE, ("named", "key of the data set that was read by name, where it was")),
        ),
        RelationshipType(
            "NAMED_INPUT",
            "Artifact",
            "Execution",
            "read by name; an INPUT that has `named` leads to the version of the time",
            (*_EDGE[:3],),
        ),
        RelationshipType("OUTPUT", "Execution", "Artifact", "written", _EDGE),
        RelationshipType(
            "REFERENCE", "Artifact", "Execution", "read to compare or as a hint", _EDGE
        ),
        RelationshipType("REPUBLISHED", "Execution", "Artifact", "handed on, made before", _EDGE),
        RelationshipType("INTERNAL_INPUT", "Artifact", "Execution", "read within", _EDGE),
        RelationshipType("INTERNAL_OUTPUT", "Execution", "Artifact", "written within", _EDGE),
        RelationshipType("PENDING_OUTPUT", "Execution", "Artifact", "to be written", _EDGE),
        RelationshipType("IN_RUN", "Execution", "Run", "it was part of the run"),
        RelationshipType("OF", "Run", "Pipeline", "a run of the pipeline"),
        RelationshipType("IN_PIPELINE", "Execution", "Pipeline", "grouped with it by the source"),
        RelationshipType(
            "IN_CONTEXT",
            "Execution|Artifact",
            "Pipeline|Run|Context",
            "grouped with it by the source",
        ),
        RelationshipType(
            "PART_OF",
            "Execution|Context|Run|Pipeline",
            "Execution|Context|Run|Pipeline",
            "a child of it, a group within it",
        ),
        RelationshipType("ANCHOR", "Graphlet", "Execution", "the training execution it is about"),
        RelationshipType(
            "SPAN", "Graphlet", "Artifact", "an ancestor that is a span the model was trained on"
        ),
        RelationshipType(
            "ANCESTOR", "Graphlet", "Execution|Artifact", "what made the trainer's inputs"
        ),
        RelationshipType(
            "BOUNDARY", "Graphlet", "Artifact", "an input that other models made: a warm start"
        ),
        RelationshipType(
            "DESCENDANT", "Graphlet", "Execution|Artifact", "what was done with the model"
        ),
        RelationshipType(
            "ANALYSIS", "Graphlet", "Execution|Artifact", "what looked at the ancestors"
        ),
        RelationshipType(
            "NEXT",
            "Graphlet",
            "Graphlet",
            "the next model of the same trainer node",
            (("jaccard", "spans of both over spans of either"),),
        ),
        RelationshipType(
            "REPEATS",
            "Execution",
            "Execution",
            "did again what the other had done before",
            (("assumed", "true where the code's version is not known"),),
        ),
        RelationshipType(
            "CONCURRENT",
            "Execution",
            "Execution",
            "did what the other was doing at the time",
            (("assumed", "true where the code's version is not known"),),
        ),
        RelationshipType(
            "SAME_CONTENT", "Artifact", "Artifact", "the same content in another source, by digest"
        ),
        RelationshipType("LOADED", "Load", "Source", "a load of the source"),
        RelationshipType("FOUND", "Load", "SetAside", "set aside by the load"),
    ),
)


def constraints() -> list[str]:
    """The constraints, as Cypher; all of it from the declaration above."""
    return [
        f"CREATE CONSTRAINT {node.label.lower()}_key IF NOT EXISTS FOR (n:{node.label}) "
        "REQUIRE n.key IS UNIQUE"
        for node in SCHEMA.nodes
    ]


def indexes() -> list[str]:
    """The indexes, likewise."""
    return [
        f"CREATE INDEX {node.label.lower()}_{'_'.join(names)} IF NOT EXISTS "
        f"FOR (n:{node.label}) ON ({', '.join(f'n.{name}' for name in names)})"
        for node in SCHEMA.nodes
        for names in (one.split("+") for one in node.indexes)
    ]


def _declare(graph: Graph) -> None:
    """Side by side: a constraint waits until its index is there, other indexes are made behind."""
    graph.write(lambda tx: _run(tx, indexes()))
    ours = constraints()
    with ThreadPoolExecutor(2, thread_name_prefix="lineage-schema") as pool:
        halves = (ours[::2], ours[1::2])
        list(pool.map(lambda half: graph.write(lambda tx: _run(tx, half)), halves))


def _run(tx: Transaction, statements: list[str]) -> None:
    for statement in statements:
        tx.run_text(statement)


def migrate(graph: Graph) -> None:
    """Bring the graph to this version: constraints, indexes and the version node.

    Runs on first use, and costs one small read after that.

    Raises:
        SchemaVersionError: the graph was written by a newer version.
    """
    found = graph.run("schema/version")
    version = found[0]["version"] if found else 0
    if version > VERSION:
        raise SchemaVersionError(
            f"the graph has schema version {version}, this package knows up to {VERSION}; "
            "update lineage-graphlets"
        )
    if version < VERSION:
        if version == 1:
            graph.run("schema/from_1_graphlets")
            graph.run("schema/from_1_marks")
            graph.run("schema/from_1_revisions")
        elif 1 < version < 5:
            graph.run("schema/from_4_pushes")
        _declare(graph)
        graph.run("schema/await_indexes")
        graph.run("schema/set_version", version=VERSION)
