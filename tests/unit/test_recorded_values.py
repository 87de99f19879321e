"""The canonical form of values, digests of content, and versions of code."""

from __future__ import annotations

import datetime as dt
import enum
import functools
import importlib.util
import io
from decimal import Decimal
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lineage.errors import RecordingError
from lineage.recorder.code import code_form, code_version, qualified_name
from lineage.recorder.digests import digest_of
from lineage.recorder.formats import FORMATS, comes_back, format_of
from lineage_ingest.trace_json import canonical, typed, untyped

if TYPE_CHECKING:
    from pathlib import Path

HASHABLE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(max_size=4),
    lambda inner: st.tuples(inner, inner) | st.frozensets(inner, max_size=2),
    max_leaves=4,
)
VALUES = st.recursive(
    HASHABLE | st.text(st.characters(categories=["Cs"]), max_size=2),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner)
        | st.dictionaries(HASHABLE, inner, max_size=3)
        | st.dictionaries(st.sampled_from(["a", "$a", "$input", "$tuple"]), inner, max_size=2)
        | st.sets(HASHABLE, max_size=3)
    ),
    max_leaves=8,
)


def text(value: object) -> str:
    return canonical({"": typed(value)})


def told_apart(value: Any) -> Any:
    """An independent account of which values are the same: types, and the bits of floats."""
    kind = type(value)
    if kind is float:
        return (kind, "nan" if value != value else value.hex())
    if kind in (list, tuple):
        return (kind, tuple(map(told_apart, value)))
    if kind in (set, frozenset):
        return (kind, frozenset(map(told_apart, value)), len(value))
    if kind is dict:
        pairs = [(told_apart(key), told_apart(part)) for key, part in value.items()]
        return (kind, frozenset(pairs), len(value))
    return (kind, value)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(VALUES, VALUES)
def test_the_form_is_the_same_exactly_for_the_same_values(one: Any, other: Any) -> None:
    assert (text(one) == text(other)) == (told_apart(one) == told_apart(other))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(VALUES)
def test_the_exact_form_is_restored(value: Any) -> None:
    assert told_apart(untyped(typed(value, exact=True))) == told_apart(value)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.text(max_size=3), st.integers()), unique_by=lambda pair: pair[0]))
def test_orders_of_dictionaries_and_sets_do_not_count(pairs: list[tuple[str, int]]) -> None:
    assert text(dict(pairs)) == text(dict(reversed(pairs)))
    assert text({*pairs}) == text({*pairs[::-1]})


@pytest.mark.parametrize(
    ("value", "same"),
    [
        (np.int64(3), 3),
        (np.float64(0.1), 0.1),
        (np.float32(0.5), 0.5),
        (np.float64("nan"), float("nan")),
        (np.float64(-0.0), -0.0),
        (np.bool_(True), True),
        (np.str_("a"), "a"),
        ({"x": [np.int8(1)]}, {"x": [1]}),
    ],
)
def test_numpy_scalars_count_as_the_numbers_that_they_equal(value: object, same: object) -> None:
    assert text(value) == text(same)


@pytest.mark.parametrize("value", [np.float32(0.1), np.int8(-3), np.float64("nan"), np.bool_(True)])
def test_numpy_scalars_come_back_as_what_they_are(value: Any) -> None:
    back = untyped(typed({"a": value}, exact=True))["a"]
    assert (type(back), back.tobytes()) == (type(value), value.tobytes())


class Colour(enum.Enum):
    RED = 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (dt.date(2026, 1, 1), dt.datetime(2026, 1, 1)),  # noqa: DTZ001
        (dt.datetime(2026, 1, 1, tzinfo=dt.UTC), dt.datetime(2026, 1, 1)),  # noqa: DTZ001
        (dt.timedelta(1), dt.timedelta(2)),
        (Decimal("1.0"), Decimal("1.00")),
        (PurePosixPath("a"), "a"),
        (Colour.RED, "RED"),
        (np.datetime64("2026-01-01"), np.datetime64("2026-01-02")),
        (np.datetime64(1, "ns"), np.datetime64(1, "ms")),
        (np.complex128(1j), np.complex128(2j)),
    ],
)
def test_dates_paths_and_enumerations_are_told_apart(one: object, other: object) -> None:
    assert text(one) == text(one)
    assert text(one) != text(other)


def test_what_has_no_form_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    for value in (object(), [object()], {object(): 1}, np.longdouble(1), endless):
        with pytest.raises(TypeError):
            typed(value)
    for value in (dt.date(2026, 1, 1), np.str_("a"), PurePosixPath("a")):
        with pytest.raises(TypeError):
            typed(value, exact=True)
    with pytest.raises(ValueError, match="no value has the form"):
        untyped({"$none": 1})


FRAMES = st.integers(0, 6).flatmap(
    lambda rows: st.fixed_dictionaries(
        {
            "float": st.lists(st.floats(), min_size=rows, max_size=rows),
            "int": st.lists(st.integers(-(2**63), 2**63 - 1), min_size=rows, max_size=rows),
            "text": st.lists(st.none() | st.text(max_size=3), min_size=rows, max_size=rows),
            "bool": st.lists(st.booleans(), min_size=rows, max_size=rows),
            "code": st.lists(st.sampled_from("ab"), min_size=rows, max_size=rows),
            "maybe": st.lists(st.none() | st.integers(0, 9), min_size=rows, max_size=rows),
        }
    )
)


def frame_of(columns: dict[str, list[Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(columns)
    return frame.astype(
        {"float": float, "int": "int64", "text": "str", "bool": bool, "code": "category"}
        | {"maybe": "Int64"}
    )


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(FRAMES, st.integers(0, 6), st.integers(0, 6))
def test_a_frame_has_one_digest_however_it_lies_in_memory(columns: Any, a: int, b: int) -> None:
    frame = frame_of(columns)
    part = frame.iloc[min(a, b) : max(a, b)]
    digest = digest_of(part)
    assert digest is not None
    assert digest == digest_of(part.copy())
    back = io.BytesIO()
    part.to_parquet(back)
    read = pd.read_parquet(io.BytesIO(back.getvalue()))
    if comes_back(part, read, digest):  # else it is not kept: categories that no row has
        pd.testing.assert_frame_equal(part, read)
    else:
        assert part.empty or read["code"].dtype != part["code"].dtype


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(FRAMES, FRAMES)
def test_other_frames_have_other_digests(columns: Any, others: Any) -> None:
    one, other = frame_of(columns), frame_of(others)
    assert (digest_of(one) == digest_of(other)) == (
        one.equals(other) and _bits(one) == _bits(other) and _dtypes(one) == _dtypes(other)
    )


def _bits(frame: pd.DataFrame) -> list[str]:
    return [float(value).hex() for value in frame["float"]]


def _dtypes(frame: pd.DataFrame) -> list[str]:
    return [repr(kind) for kind in frame.dtypes]


def test_names_indexes_and_types_count() -> None:
    base = pd.DataFrame({"a": [1, 2], "b": [3, 4]})
    others = [
        base.rename(columns={"b": "c"}),
        base[["b", "a"]],
        base.set_index(pd.Index([1, 0])),
        base.set_index(pd.Index([0, 1], name="n")),
        base.astype({"a": "int32"}),
        base.astype({"a": "float64"}),
        base["a"],
        base["a"].rename("z"),
        base.to_numpy(),
        base.to_numpy().T,
        base.to_numpy().astype("int32"),
        pa.table({"a": [1, 2], "b": [3, 4]}),
        base.to_dict("list"),
    ]
    digests = [digest_of(one) for one in [base, *others]]
    assert None not in digests
    assert len(set(digests)) == len(digests)


def test_chunks_and_layout_do_not_count() -> None:
    whole = pa.table({"a": ["x", "y", None, "z"], "n": [[1], None, [2, 3], []]})
    parts = pa.concat_tables([whole.slice(0, 1), whole.slice(1, 2), whole.slice(3)])
    assert digest_of(whole) == digest_of(parts)
    array = np.arange(12.0).reshape(3, 4)
    assert digest_of(array) == digest_of(np.asfortranarray(array))
    assert digest_of(array[:, ::2]) == digest_of(array[:, ::2].copy())
    assert digest_of(np.array([], "f8")) != digest_of(np.array([], "f4"))


def test_objects_have_no_digest() -> None:
    for value in (object(), np.array([object()]), pd.DataFrame({"a": [object()]})):
        assert digest_of(value) is None


@pytest.mark.parametrize(
    "value",
    [
        pd.DataFrame({"a": [1.5, None], "t": pd.to_datetime(["2026-01-01", None])}),
        pd.DataFrame({"a": [1, 2]}, index=pd.Index(["x", "y"], name="k")),
        pd.DataFrame(),
        pd.Series([1, 2], name=("a", 1)),
        pd.Series([1.0, None]),
        pa.table({"a": [1, None]}),
        np.arange(6).reshape(2, 3),
        np.array([("a", 1)], dtype=[("n", "U3"), ("v", "i4")]),
        np.array(3.5),
        np.float32(0.1),
        {"auc": np.float64(0.5), "curve": [(0.0, 1.0)], "none": None},
        "text",
    ],
    ids=repr,
)
def test_what_is_kept_comes_back_as_it_was(value: Any, tmp_path: Path) -> None:
    name = format_of(value)
    assert name is not None
    path = tmp_path / f"0{FORMATS[name].suffix}"
    FORMATS[name].write(value, path)
    assert comes_back(value, FORMATS[name].read(path), digest_of(value))
    assert not comes_back(value, object(), digest_of(value))


def module(tmp_path: Path, source: str, name: str = "written") -> Any:
    """A module of that source, loaded anew."""
    path = tmp_path / f"{name}_{abs(hash(source))}.py"
    path.write_text(source)
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


BASE = """
LIMIT = 3
def helper(x): return x
def step(x, y=1):
    return helper(x) + y + LIMIT
"""


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("    return", "    # why\n    return", True),
        ("(x, y=1)", "(x,   y = 1)", True),
        ("helper(x) +", "helper(x) -", False),
        ("y=1", "y=2", False),
        ("LIMIT = 3", "LIMIT = 4", False),
        ("return x", "return -x", True),  # a helper is not seen
    ],
)
def test_the_version_of_code_is_of_what_is_seen(
    tmp_path: Path, old: str, new: str, same: bool
) -> None:
    one, other = module(tmp_path, BASE), module(tmp_path, BASE.replace(old, new))
    assert (code_version(one.step) == code_version(other.step)) is same


def test_helpers_modules_and_values_are_seen_when_they_are_named(tmp_path: Path) -> None:
    one, other = module(tmp_path, BASE), module(tmp_path, BASE.replace("return x", "return -x"))
    assert code_version(one.step, [one.helper]) != code_version(other.step, [other.helper])
    assert code_version(one.step, [np, "1.2"]) != code_version(one.step, [np, "1.3"])
    assert code_version(one.step, [np]) == code_version(one.step, [np])


def test_closures_are_seen_and_what_cannot_be_is_refused() -> None:
    def made(value: object) -> Any:
        def inner(x: object) -> object:
            return (x, value)

        return inner

    assert code_version(made(1)) == code_version(made(1))
    assert code_version(made(1)) != code_version(made(2))
    assert code_version(made(len)) != code_version(made(max))
    assert code_version(functools.partial(made(1), 2)) != code_version(
        functools.partial(made(1), 3)
    )
    with pytest.raises(RecordingError, match=r"value, which .*inner closes over"):
        code_version(made(object()))


def test_a_function_that_calls_itself_has_a_version() -> None:
    def made() -> Any:
        def inner(x: int) -> int:
            return inner(x - 1) if x else 0

        return inner

    assert code_version(made()) == code_version(made())


def test_code_without_source_is_known_by_what_it_compiled_to() -> None:
    spaces: list[dict[str, Any]] = [{}, {}, {}]
    for space, body in zip(spaces, ("x + 1", "x + 1", "x + 2"), strict=True):
        exec(f"def step(x): return {body}", space)
    one, same, other = (code_version(space["step"]) for space in spaces)
    assert one == same
    assert one != other


def test_functions_and_classes_can_be_parameters() -> None:
    forms = [code_form(one) for one in (len, pq.ParquetFile, text, functools.partial(text, 1))]
    assert len({canonical({"": one}) for one in forms}) == 4
    assert code_form("text") is None
    assert qualified_name(functools.partial(text)) == qualified_name(text)
