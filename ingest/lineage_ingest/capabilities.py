"""What each source can say: the one table of it.

The table in the documentation is generated from here, and one test writes the same pipeline into
every source, reads it back and holds it against this table: a gap that is not declared fails, and
so does a declared gap that is none.
"""

from __future__ import annotations

from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Capability(Enum):
    """Something that a source may be able to say, in words for people."""

    TIMES = "when an execution started and ended"
    PARAMETERS = "parameters of executions"
    CODE = "version of the code"
    PARENTS = "executions within executions"
    RUNS = "which run of a pipeline an execution was part of"
    WARM_STARTS = "models that a training read"
    VERSIONS = "versions of data"
    DATA_WRITTEN = "what wrote the data, not the models alone"
    CLASSES = "kinds of artifacts beyond data and models"
    ROLES = "roles of inputs, so which only compare or hint"
    DIGESTS = "digests of content"
    SIZES = "sizes of data"
    SHARED = "data sets shared with other sources"
    FAILURES = "that an execution failed"
    CACHED = "that an execution was answered from a cache"
    PUSHES = "that a model was pushed"
    PUSH_RUNS = "pushes as executions, with their times"
    REFUSED = "that a push let nothing through"
    COSTS = "costs other than durations"
    FEATURES = "how features are distributed"


C = Capability

IMPLIED_BY: Mapping[Capability, Capability] = MappingProxyType(
    {C.REFUSED: C.PUSH_RUNS, C.FEATURES: C.DATA_WRITTEN}
)
"""Gaps that cannot be told from another one where a source has both."""


class Source(NamedTuple):
    """A source: what it is called, what it cannot say, and how it says what is not obvious.

    Attributes:
        title: for people.
        gaps: what it cannot say.
        how: a few words on what it can.
    """

    title: str
    gaps: frozenset[Capability]
    how: Mapping[Capability, str]


SOURCES: Mapping[str, Source] = MappingProxyType({
    "mlmd": Source(
        "ML Metadata",
        frozenset({C.SHARED, C.COSTS}),
        {
            C.CODE: "property `Git_Start_Commit`",
            C.PARENTS: "Kubeflow's `parent_dag_id`",
            C.ROLES: "event paths",
            C.DIGESTS: "CMF's `Commit`",
            C.VERSIONS: "property `version`",
            C.SIZES: "property `size_bytes`",
            C.REFUSED: "property `pushed`",
            C.FEATURES: "from TFDV's files",
        },
    ),
    "openlineage": Source(
        "OpenLineage",
        frozenset({C.CLASSES, C.ROLES, C.DIGESTS, C.CACHED, C.REFUSED, C.COSTS, C.FEATURES}),
        {
            C.PARAMETERS: "facet `executionParameters`",
            C.CODE: "facet `sourceCodeLocation`, else a digest of the source or SQL",
            C.PARENTS: "facet `parent`",
            C.RUNS: "the root of facet `parent`",
            C.VERSIONS: "facet `version`, else the run that wrote it",
            C.SIZES: "facet `outputStatistics`",
            C.SHARED: "by name, facet `symlinks`",
            C.PUSHES: "by the job's name or type",
        },
    ),
    "mlflow": Source(
        "MLflow",
        frozenset({
            C.DATA_WRITTEN, C.ROLES, C.DIGESTS, C.SIZES, C.CACHED, C.PUSH_RUNS, C.REFUSED,
            C.COSTS, C.FEATURES,
        }),
        {
            C.CODE: "the commit, of a clean tree",
            C.PARENTS: "nested runs",
            C.RUNS: "the outermost run",
            C.VERSIONS: "of Delta tables",
            C.SHARED: "by address",
            C.PUSHES: "by alias or stage",
        },
    ),
    "prov": Source(
        "PROV",
        frozenset({C.FAILURES, C.CACHED, C.REFUSED, C.COSTS, C.FEATURES}),
        {
            C.CODE: "digest or commit of the plan",
            C.PARENTS: "`wfprov:wasPartOfWorkflowRun`",
            C.RUNS: "bundles, workflow runs",
            C.CLASSES: "`prov:type`",
            C.ROLES: "`prov:role`",
            C.DIGESTS: "`sha1`, `sha256`, `md5`, `checksum`",
            C.SHARED: "`prov:location`",
            C.PUSHES: "by the activity's type or name",
        },
    ),
    "trace": Source(
        "native trace",
        frozenset(),
        {C.SHARED: "ids that begin with `dataset:`"},
    ),
})  # fmt: skip


def gaps(source: str) -> frozenset[Capability]:
    """What a source cannot say, by its reader's name."""
    return SOURCES[source].gaps


def markdown() -> str:
    """The table for the documentation."""
    titles = [source.title for source in SOURCES.values()]
    lines = [f"| what | {' | '.join(titles)} |", f"| --- |{' --- |' * len(titles)}"]
    for capability in Capability:
        cells = [
            "no" if capability in source.gaps else source.how.get(capability, "yes")
            for source in SOURCES.values()
        ]
        lines.append(f"| {capability.value} | {' | '.join(cells)} |")
    return "\n".join(lines)
