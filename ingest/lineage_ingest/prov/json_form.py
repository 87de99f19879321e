"""PROV-JSON (the W3C submission of 2013) as statements."""

from __future__ import annotations

import json
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

from prov.serializers.provjson import decode_json_container

from lineage.errors import ReadError
from lineage.records import SetAside
from lineage_ingest.prov.forms import Place, one_line, shortened
from lineage_ingest.prov.statements import Statement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage_ingest.prov.forms import Read

_AT_ONCE = 500


def read(content: bytes, name: str) -> Iterator[Read]:
    """The statements of a document.

    Raises:
        ReadError: it is no PROV-JSON.
    """
    top, repeated = _parsed(content, name)
    for key in repeated:
        reason = f"{shortened(key)!r} is repeated in one object; only the last is read"
        yield SetAside(kind="record", position=name, reason=reason)
    bundles = top.pop("bundle", {})
    document = Place(name)
    yield from _container(top, document)
    if not isinstance(bundles, dict):
        yield SetAside(kind="bundle", position=name, reason="`bundle` is no object")
        return
    for key, inner in bundles.items():
        place = Place(f"{name}, bundle {key}", document)
        if isinstance(inner, dict):
            yield from _bundle(key, inner, place)
        else:
            yield SetAside(kind="bundle", position=place.where, reason="it is no object")


def _parsed(content: bytes, name: str) -> tuple[dict[str, Any], list[str]]:
    """The document, and the keys that stand twice in one object."""
    repeated: list[str] = []

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            counts = Counter(key for key, _ in pairs)
            repeated.extend(key for key, count in counts.items() if count > 1)
        return made

    try:
        top = json.loads(content.decode("utf-8-sig"), object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise ReadError(f"{name} is no JSON: {one_line(error)}") from None
    if not isinstance(top, dict):
        raise ReadError(f"{name} is no PROV-JSON: that is an object, not {type(top).__name__}")
    return top, repeated


def _bundle(key: str, inner: dict[str, Any], place: Place) -> Iterator[Read]:
    found = list(_container(inner, place))
    # Its own prefixes, which its name may use, are known only now.
    identifier = place.bundle.valid_qualified_name(key)
    uri = key if identifier is None else identifier.uri
    for each in found:
        if isinstance(each, Statement):
            each.bundle = uri
        yield each


def _container(container: dict[str, Any], place: Place) -> Iterator[Read]:
    """The records of a document outside of bundles, or of one bundle."""
    yield from _prefixes(container.pop("prefix", {}), place)
    for kind, records in container.items():
        if kind == "bundle":
            yield place.nested(place.where)
        elif not isinstance(records, dict):
            reason = f"{shortened(kind)!r} is no object of records"
            yield SetAside(kind="record", position=place.where, reason=reason)
        else:
            yield from _records(kind, records, place)


def _records(kind: str, records: dict[str, Any], place: Place) -> Iterator[Read]:
    keys = list(records)
    for start in range(0, len(keys), _AT_ONCE):
        some = {key: records[key] for key in keys[start : start + _AT_ONCE]}
        flat = [
            (key, each)
            for key, instances in some.items()
            for each in (instances if isinstance(instances, list) else [instances])
        ]
        positions = [f"{place.where}, {kind} {key}" for key, _ in flat]
        found = place.read_all(kind, positions, partial(decode_json_container, {kind: some}))
        if found is not None:
            yield from found
            continue
        for (key, each), position in zip(flat, positions, strict=True):
            one = partial(decode_json_container, {kind: {key: each}})
            yield from place.read(kind, position, one)


def _prefixes(prefixes: Any, place: Place) -> Iterator[SetAside]:
    pairs = prefixes.items() if isinstance(prefixes, dict) else [("prefix", prefixes)]
    for prefix, uri in pairs:
        if isinstance(uri, str):
            place.declare(prefix, uri)
        else:
            reason = f"the prefix {shortened(prefix)!r} names no address"
            yield SetAside(kind="prefix", position=place.where, reason=reason)
