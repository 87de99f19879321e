"""Any record that the native trace format can hold, for Hypothesis."""

from __future__ import annotations

import dataclasses
from itertools import pairwise
from typing import Any

from hypothesis import strategies as st

from lineage.records import (
    FEATURE_BINS,
    Artifact,
    ArtifactClass,
    Context,
    Event,
    EventKind,
    Execution,
    Feature,
    FeatureKind,
    Membership,
    NodeKind,
    OperatorClass,
    Pipeline,
    Run,
    State,
)
from lineage_ingest.times import LATEST

TEXT = st.text(max_size=8)
ID = st.text(min_size=1, max_size=4)
INT64 = st.integers(-(2**63), 2**63 - 1)
MAYBE_TEXT, MAYBE_INT = st.none() | TEXT, st.none() | INT64
SCALARS = (
    st.none() | st.booleans() | INT64 | TEXT | st.floats(allow_nan=False, allow_infinity=False)
)
PROPERTIES = st.dictionaries(
    TEXT,
    st.recursive(
        SCALARS, lambda one: st.lists(one, max_size=3) | st.dictionaries(TEXT, one, max_size=3)
    ),
    max_size=3,
)
# Cuts of 1000 thousandths into the shares of the bins.
WEIGHTS = st.just([]) | st.lists(
    st.integers(0, 1000), min_size=FEATURE_BINS - 1, max_size=FEATURE_BINS - 1
).map(lambda cuts: [b - a for a, b in pairwise([0, *sorted(cuts), 1000])])
FEATURES = st.lists(
    st.builds(Feature, name=TEXT, kind=st.sampled_from(FeatureKind), weights=WEIGHTS),
    min_size=1,
    max_size=3,
    unique_by=lambda feature: feature.name,
).map(lambda features: sorted(features, key=lambda feature: feature.name))
BY_TYPE: dict[str, st.SearchStrategy[Any]] = {
    "str": TEXT,
    "str | None": MAYBE_TEXT,
    "int | None": MAYBE_INT,
    "float | None": st.none() | st.floats(0, allow_nan=False, allow_infinity=False),
    "bool | None": st.none() | st.booleans(),
    "Properties": PROPERTIES,
    "State": st.sampled_from(State),
    "State | None": st.none() | st.sampled_from(State),
    "OperatorClass | None": st.none() | st.sampled_from(OperatorClass),
    "ArtifactClass | None": st.none() | st.sampled_from(ArtifactClass),
    "list[Feature] | None": st.none() | FEATURES,
    "EventKind": st.sampled_from(EventKind),
    "NodeKind": st.sampled_from(NodeKind),
}
IDS = {"id", "execution", "member", "container"}


def any_of(record: type[Any]) -> st.SearchStrategy[Any]:
    fields = {}
    for field in dataclasses.fields(record):
        is_id = field.name in IDS or (record is Event and field.name == "artifact")
        fields[field.name] = ID if is_id else BY_TYPE[str(field.type)]
    if "parent" in fields:
        fields["parent"] = st.none() | ID
    for name in {"position", "revision"} & fields.keys():  # no part of the format
        fields[name] = st.none()
    for name in {"created", "updated", "started", "time"} & fields.keys():
        fields[name] = st.none() | st.integers(0, LATEST)
    if "ended" in fields:  # what ends before it starts is set aside
        fields["ended"] = st.none()
    return st.builds(record, **fields)


NODES = st.one_of(*(any_of(record) for record in (Pipeline, Run, Context, Execution, Artifact)))
EDGES = any_of(Event) | any_of(Membership)
