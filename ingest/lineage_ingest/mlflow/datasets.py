"""The data sets that runs read, as artifacts.

MLflow's digest is eight characters over some of the rows: a hint, which never counts as proof that
two contents are the same. Two runs that read one address with different digests read different
artifacts all the same.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from lineage.records import Artifact, ArtifactClass
from lineage.safe import without_login
from lineage_ingest.datasets import of_uri, shared_id

if TYPE_CHECKING:
    from lineage.records import Properties, Value
    from lineage_ingest.mlflow.model import DataSet

TYPE = "mlflow.dataset"
OWN = "data/"
"""Before ids that this source alone uses."""

_ADDRESSES = ("uri", "url", "path")
_TABLES = ("delta_table_name", "table_name")
# Their paths mean something within one service only.
_NO_ADDRESS = frozenset({"code", "hugging_face", "uc_volume", "sample"})


class _Place(NamedTuple):
    """Where a data set is.

    Attributes:
        uri: its address without login and query.
        name: the canonical name, where its address is one that other sources could mean.
        table: the name of a table, where it has no address.
        version: of a Delta table.
    """

    uri: str | None = None
    name: str | None = None
    table: str | None = None
    version: str | None = None


def artifact(data: DataSet) -> Artifact:
    """The artifact that a run read as this data set.

    Where it has an address that other sources can mean, it has the id that they use: of the version
    that is stated (a Delta table's), else of the data set as such, with the digest as a hint, so
    that it is bound to what another source wrote there before.
    """
    source = _json(data.source)
    place = _place(data.source_type, source)
    properties: Properties = {
        "digest_hint": data.digest or None,
        "source_type": data.source_type or None,
        "source": _public(source),
        "schema": _json(data.schema),
        "profile": _json(data.profile),
        "table": place.table,
    }
    return Artifact(
        id=_id(data, place),
        type=TYPE,
        name=data.name,
        artifact=ArtifactClass.SPAN,
        uri=place.uri,
        version=place.version,
        properties={key: value for key, value in properties.items() if value is not None},
    )


def _id(data: DataSet, place: _Place) -> str:
    if place.name is not None:
        return shared_id(place.name, place.version, hint=data.digest or None)
    if place.version is not None and place.table is not None:
        return f"{OWN}{place.table}@{place.version}"
    return f"{OWN}{place.table or place.uri or data.name}#{data.digest}"


def _place(kind: str, source: Value) -> _Place:
    if not isinstance(source, dict):
        return _Place()
    version = source.get("delta_table_version")
    found = str(version) if isinstance(version, int | str) else None
    for key in _ADDRESSES:
        address = source.get(key)
        if isinstance(address, str) and address:
            uri = without_login(address)
            name = None if kind in _NO_ADDRESS else of_uri(uri)
            return _Place(uri=uri, name=name, version=found)
    for key in _TABLES:
        table = source.get(key)
        if isinstance(table, str) and table:
            return _Place(table=table, version=found)
    return _Place()


def _json(told: str | None) -> Value:
    """What a JSON text says; the text itself where it is none."""
    if not told:
        return None
    try:
        found: Value = json.loads(told)
    except (ValueError, RecursionError):
        return told
    return found


def _public(value: Value) -> Value:
    """The same without logins and queries in addresses: signed ones hold keys."""
    if isinstance(value, str):
        return without_login(value)
    if isinstance(value, list):
        return [_public(item) for item in value]
    if isinstance(value, dict):
        return {key: _public(item) for key, item in value.items()}
    return value
