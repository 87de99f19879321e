"""Events and memberships as pairs of numbers that the importer knows nodes by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from lineage.load.bulk.batches import LINE_BYTES, Batch, distinct
from lineage.load.bulk.tables import ABSENT, ROWS, TEXT
from lineage.load.rows import edge_name, membership_type
from lineage.records import EventKind, NodeKind

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lineage.load.bulk.tables import Ids
    from lineage.load.rows import Rows
    from lineage_ingest.trace_parquet import ParquetTrace

_TYPES = [*(kind.value for kind in EventKind), "REFERENCE", "REPUBLISHED"]
_INPUT, _OUTPUT, _REFERENCE, _REPUBLISHED = map(
    _TYPES.index, ("INPUT", "OUTPUT", "REFERENCE", "REPUBLISHED")
)
_WRITES = np.array([EventKind(name).writes for name in _TYPES[:-2]] + [False, True])
_PACKED = 2**63


class Edges(NamedTuple):
    """Relationships of the graph, each once.

    Attributes:
        columns: under the importer's headers.
        odd: numbers of the rows that are left to the loader.
        newest: the newest time, ms since 1970.
        made: of shape (artifacts,), which ones a transformation put out.
        read: how many rows are not odd.
    """

    columns: dict[str, Any]
    odd: NDArray[np.int64]
    newest: int
    made: NDArray[np.bool_]
    read: int


class Operators(NamedTuple):
    """What events need to know of executions; each array is of shape (executions,).

    Attributes:
        hands_on: put out what existed before.
        transforms: are transformations.
    """

    hands_on: NDArray[np.bool_]
    transforms: NDArray[np.bool_]


def events(rows: Rows, table: EventTable, ids: dict[NodeKind, Ids], operators: Operators) -> Edges:
    """The events of a trace; those whose ends are not both there are odd."""
    executions, artifacts = ids[NodeKind.EXECUTION], ids[NodeKind.ARTIFACT]
    execution, artifact = table.execution, table.artifact
    there = table.sound & (execution != ABSENT) & (artifact != ABSENT)
    there[there] = executions.alive[execution[there]] & artifacts.alive[artifact[there]]
    odd = np.flatnonzero(~there)
    kept = np.flatnonzero(there)
    execution, artifact = execution[kept], artifact[kept]
    kinds = _event_types(rows, table, kept, operators.hands_on[execution])
    names = _Names(table, kept)
    pairs = execution * max(artifacts.size, 1) + artifact
    first = _firsts(pairs, kinds * max(len(names.names), 1) + names.codes)
    made = np.zeros(artifacts.size, np.bool_)
    put_out = (kinds == _OUTPUT) | (kinds == _REPUBLISHED)
    made[artifact[put_out & operators.transforms[execution]]] = True
    times = table.times[kept]
    newest = int(times[times <= rows.now].max(initial=0))
    if len(first) < len(kept):
        kept, execution, artifact, kinds = (
            one[first] for one in (kept, execution, artifact, kinds)
        )
        names.keep(first)
    return Edges(
        _columns(
            np.where(_WRITES[kinds], execution + executions.first, artifact + artifacts.first),
            np.where(_WRITES[kinds], artifact + artifacts.first, execution + executions.first),
            pa.array(_TYPES, pa.string()).take(pa.array(kinds)),
        )
        | names.columns()
        | {"time:datetime": table.iso(kept)},
        odd,
        newest,
        made,
        int(there.sum()),
    )


class EventTable:
    """All rows of the table of events, read in batches.

    Attributes:
        execution: of shape (rows,), the row of each execution, `ABSENT` where there is none.
        artifact: likewise.
    """

    def __init__(self, trace: ParquetTrace, ids: dict[NodeKind, Ids]) -> None:
        texts: dict[str, list[Any]] = {"execution": [], "artifact": []}
        sound, codes, roles, indexes, times, valid = [], [], [], [], [], []
        kinds = pa.array([kind.value for kind in EventKind], pa.string())
        for raw in trace.batches("events", ROWS):
            batch, is_sound = sound_batch("events", raw)
            short = pc.binary_length(batch["role"]).fill_null(0).to_numpy() < LINE_BYTES
            sound.append(is_sound & short)
            for name, column in texts.items():
                column.append(batch[name].cast(TEXT))
            codes.append(pc.index_in(batch["event"], value_set=kinds).fill_null(0).to_numpy())
            roles.append(batch["role"].dictionary_encode())
            indexes.append(batch["index"])
            times.append(batch.times["time"])
            valid.append(batch.valid["time"])
        self.sound = _joined(sound, np.bool_)
        self.kinds = _joined(codes, np.int64)
        self.times = _joined(times, np.int64)
        self._valid = _joined(valid, np.bool_)
        kind = pa.dictionary(pa.int32(), pa.string())
        whole = pa.chunked_array(roles, kind).unify_dictionaries().combine_chunks()
        self.roles = whole if isinstance(whole, pa.DictionaryArray) else whole.chunk(0)
        self.indexes = pa.chunked_array(indexes, pa.int64()).combine_chunks()
        self.execution, self.artifact = (
            ids[kind].places(pa.chunked_array(texts.pop(name), TEXT))
            for name, kind in (("execution", NodeKind.EXECUTION), ("artifact", NodeKind.ARTIFACT))
        )

    def iso(self, kept: NDArray[np.int64]) -> Any:
        """Times of some rows as the importer reads them."""
        valid = self._valid[kept]
        if not valid.any():
            return pa.nulls(len(kept), pa.string())
        times = pa.array(self.times[kept], mask=~valid).cast(pa.timestamp("ms"))
        return pc.binary_replace_slice(times.cast(pa.string()), 10, 11, "T")


class _Names:
    """Roles and indexes of events, and the names that both make."""

    def __init__(self, table: EventTable, kept: NDArray[np.int64]) -> None:
        roles = table.roles.take(pa.array(kept))
        indexes = table.indexes.take(pa.array(kept)).dictionary_encode(null_encoding="encode")
        self._roles = roles.dictionary
        self._indexes = indexes.dictionary
        self._role = roles.indices.to_numpy().astype(np.int64)
        self._index = indexes.indices.to_numpy().astype(np.int64)
        combined = self._role * max(len(self._indexes), 1) + self._index
        uniques, codes = np.unique(combined, return_inverse=True)
        self.codes = codes.astype(np.int64)
        role, index = np.divmod(uniques, max(len(self._indexes), 1))
        self.names = [
            edge_name(self._roles[r].as_py(), self._indexes[i].as_py())
            for r, i in zip(role.tolist(), index.tolist(), strict=True)
        ]

    def keep(self, rows: NDArray[np.int64]) -> None:
        """Forget the others."""
        self.codes, self._role, self._index = (
            one[rows] for one in (self.codes, self._role, self._index)
        )

    def columns(self) -> dict[str, Any]:
        """Under the importer's headers."""
        return {
            "name:string": pa.array(self.names, pa.string()).take(pa.array(self.codes)),
            "role:string": self._roles.take(pa.array(self._role)),
            "index:long": self._indexes.take(pa.array(self._index)),
        }


def _event_types(
    rows: Rows, table: EventTable, kept: NDArray[np.int64], hands_on: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """The place of each event's relationship type in `_TYPES`."""
    kinds = table.kinds[kept]
    sides = [rows.naming.is_reference(role) for role in table.roles.dictionary.to_pylist()]
    codes = table.roles.indices.fill_null(0).to_numpy()[kept]
    references = np.array([*sides, False])[codes]
    kinds = np.where((kinds == _INPUT) & references, _REFERENCE, kinds)
    return np.where((kinds == _OUTPUT) & hands_on, _REPUBLISHED, kinds)


class Members(NamedTuple):
    """Memberships by their relationship type, each once.

    Attributes:
        pairs: for each type, the importer's numbers of members and of containers, (rows,) each.
        odd: numbers of the rows that are left to the loader.
        read: how many rows are not odd.
    """

    pairs: dict[str, tuple[NDArray[np.int64], NDArray[np.int64]]]
    odd: NDArray[np.int64]
    read: int


def memberships(trace: ParquetTrace, ids: dict[NodeKind, Ids]) -> Members:
    """The memberships of a trace; those whose ends are not both there are odd."""
    found: dict[str, list[tuple[NDArray[np.int64], NDArray[np.int64]]]] = {}
    odd, sound = [np.zeros(0, np.int64)], []
    texts: dict[tuple[str, str], list[tuple[NDArray[np.int64], Any, Any]]] = {}
    done = 0
    for raw in trace.batches("memberships", ROWS):
        batch, is_sound = sound_batch("memberships", raw)
        odd.append(done + np.flatnonzero(~is_sound))
        sound.append(is_sound.sum())
        kinds = [batch["member_kind"], batch["container_kind"]]
        first, inverse = distinct(*kinds)
        for number, row in enumerate(first.tolist()):
            there = np.flatnonzero((inverse == number) & is_sound)
            if len(there):
                pair = (kinds[0][row].as_py(), kinds[1][row].as_py())
                part = (batch[name].take(pa.array(there)) for name in ("member", "container"))
                texts.setdefault(pair, []).append((done + there, *part))
        done += batch.size
    refused = 0
    for (member, container), parts in texts.items():
        numbers = np.concatenate([one[0] for one in parts])
        held, holder = ids[NodeKind(member)], ids[NodeKind(container)]
        inner = _numbers(held, [one[1] for one in parts])
        outer = _numbers(holder, [one[2] for one in parts])
        there = (inner != ABSENT) & (outer != ABSENT)
        odd.append(numbers[~there])
        refused += int((~there).sum())
        kind = membership_type(NodeKind(member), NodeKind(container))[1]
        found.setdefault(kind, []).append((inner[there], outer[there]))
    pairs = {kind: _unique(parts) for kind, parts in found.items()}
    return Members(pairs, np.sort(np.concatenate(odd)), int(sum(sound)) - refused)


def _numbers(ids: Ids, texts: list[Any]) -> NDArray[np.int64]:
    """The importer's number of each id, `ABSENT` where there is no such node."""
    places = ids.places(pa.chunked_array([one.cast(TEXT) for one in texts], TEXT))
    there = places != ABSENT
    there[there] = ids.alive[places[there]]
    return np.where(there, places + ids.first, ABSENT)


def _unique(
    parts: list[tuple[NDArray[np.int64], NDArray[np.int64]]],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    inner = np.concatenate([one[0] for one in parts])
    outer = np.concatenate([one[1] for one in parts])
    first = _firsts(inner, outer)
    return inner[first], outer[first]


def _firsts(one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int64]:
    """The first row of each pair of numbers, in the order of rows."""
    if not len(one):
        return np.zeros(0, np.int64)
    width = int(other.max()) + 1
    if (int(one.max()) + 1) * width < _PACKED:
        packed = one * width + other
    else:  # too many for one number each: count the distinct ones first
        _, packed = np.unique(np.stack([one, other]), axis=1, return_inverse=True)
    ordered = np.sort(packed)
    if not (ordered[1:] == ordered[:-1]).any():
        return np.arange(len(one))
    _, first = np.unique(packed, return_index=True)
    return np.sort(first)


def relationships(kind: str, starts: NDArray[np.int64], ends: NDArray[np.int64]) -> dict[str, Any]:
    """Relationships of one type without properties, under the importer's headers."""
    return _columns(starts, ends, pa.array([kind], pa.string()).take(pa.array(starts * 0)))


def _columns(starts: NDArray[np.int64], ends: NDArray[np.int64], types: Any) -> dict[str, Any]:
    return {":START_ID": pa.array(starts), ":END_ID": pa.array(ends), ":TYPE": types}


def sound_batch(table: str, raw: pa.RecordBatch) -> tuple[Batch, NDArray[np.bool_]]:
    """A batch, and which of its rows become a record with just its values."""
    try:
        raw.validate(full=True)
    except pa.ArrowInvalid:  # not UTF-8; nothing of it can be looked at
        empty = pa.nulls(raw.num_rows, pa.string())
        hidden = pa.record_batch([empty] * len(raw.schema.names), raw.schema.names)
        hidden = hidden.select([n for n in raw.schema.names if n not in ("index", "time")])
        return Batch(table, hidden), np.zeros(raw.num_rows, np.bool_)
    batch = Batch(table, raw)
    return batch, ~batch.odd


def _joined(parts: list[Any], kind: Any) -> Any:
    return np.concatenate([np.asarray(one, dtype=kind) for one in parts] or [np.zeros(0, kind)])
