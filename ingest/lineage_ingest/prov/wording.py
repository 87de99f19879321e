"""What attributes tell of things: types, names, properties, digests, places."""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from typing import TYPE_CHECKING
from urllib.parse import unquote

from lineage.naming import Naming
from lineage_ingest.prov.statements import Name, texts
from lineage_ingest.prov.vocabulary import OWN, OWN_JSON, OWN_PROPERTY, PROV, WFPROV

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lineage.records import Properties, Value
    from lineage_ingest.prov.description import Thing
    from lineage_ingest.prov.statements import Literal

_NAMING = Naming()
_HEX = {"md5": 32, "sha1": 40, "sha256": 64, "sha512": 128}
_HASH_URI = re.compile(
    r"(?:urn:hash::|urn:|hash://|nih:|ni:///)(md5|sha-?1|sha-?256|sha-?512)[:;/]([0-9a-f]+)",
    re.IGNORECASE,
)
_UUID = re.compile(r"(?:urn:uuid:)?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_SAID = frozenset({(PROV, "type"), (PROV, "label"), (PROV, "location"), (PROV, "atLocation")})
_LOOSE = frozenset({"wfprov:Artifact", "wf4ever:File", "prov:Entity", "prov:Activity"})
"""Types that say no more than that the thing is one."""


def type_of(thing: Thing, otherwise: str, *, operator: bool) -> str:
    """The type that says most: one that a class is known for, then one that is not PROV's."""

    def rank(name: str) -> tuple[bool, bool, bool, str]:
        known = _NAMING.match_operator(name).known if operator else _NAMING.artifact(name).known
        return not known, name in _LOOSE, name.startswith("prov:"), name

    return min(thing.types(), key=rank, default=otherwise)


def label_of(thing: Thing) -> str | None:
    """What people call it: its label, its file's name, else the last part of its identifier.

    None where that is a UUID, which is no name.
    """
    for given in (thing.prov("label"), local(thing, "basename")):
        if given:
            return str(min(texts(given)))
    last = thing.name.local or thing.id
    return None if _UUID.fullmatch(last) else last


def of_workflow(thing: Thing) -> bool:
    """Whether it is part of the run of a workflow, as CWLProv has it."""
    return any(isinstance(one, Name) and one.space == WFPROV for one in thing.prov("type"))


def properties_of(thing: Thing, chosen: str) -> Properties:
    """All attributes that say more than the fields do, by their local names.

    Attributes of one local name keep their prefixes. Those of our own export keep their names.
    """
    found: Properties = {}
    held = {key: pairs for key, pairs in thing.attributes.items() if key not in _SAID}
    counts = Counter(name for space, name in held if space not in {OWN, OWN_PROPERTY, OWN_JSON})
    for (space, name), pairs in sorted(held.items()):
        values = [value for _, value in pairs]
        if space == OWN:
            continue
        if space == OWN_PROPERTY:
            found[unquote(name)] = _one(values)
        elif space == OWN_JSON:
            found[unquote(name)] = _json(str(values[0]))
        else:
            found[next(iter(pairs.values())).short if counts[name] > 1 else name] = _one(values)
    others: list[Value] = [name for name in thing.types() if name not in {chosen, *_LOOSE}]
    if others and not thing.of(OWN, "type"):
        found["types"] = others
    if not thing.declared:
        found["undeclared"] = True
    return found


def digest_of(thing: Thing, general: Iterable[str] = ()) -> str | None:
    """The digest of its content: stated, or in its identifier, or of what it is a special case of.

    A value that stands in the document is the content, too.
    """
    for algorithm, digits in _HEX.items():
        for text in texts(local(thing, algorithm)):
            plain = text.removeprefix(f"{algorithm}:").removeprefix(f"{algorithm}$").lower()
            if len(plain) == digits and not set(plain) - set("0123456789abcdef"):
                return f"{algorithm}:{plain}"
    for text in (*texts(local(thing, "checksum")), thing.id, *general):
        if found := hash_in(text):
            return found
    values = _plain(thing.prov("value"))
    if len(values) != 1:
        return None
    text = json.dumps(values[0], ensure_ascii=True)
    return f"value-sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def hash_in(uri: str) -> str | None:
    """The digest that an address is made of, as in `urn:hash::sha1:327f...`; None where it is not.

    CWL writes checksums as `sha1$327f...`.
    """
    match = _HASH_URI.fullmatch(uri) or _CHECKSUM.fullmatch(uri)
    if match is None:
        return None
    algorithm, digits = match[1].lower().replace("-", ""), match[2].lower()
    return f"{algorithm}:{digits}" if len(digits) == _HEX[algorithm] else None


_CHECKSUM = re.compile(r"(md5|sha-?1|sha-?256|sha-?512)[$:]([0-9a-f]+)", re.IGNORECASE)


def size_of(thing: Thing) -> int | None:
    """Its size in bytes, where it is stated as a whole number."""
    for name in ("size", "byteSize", "contentSize", "size_bytes"):
        for value in local(thing, name):
            if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
                return value
    return None


def version_of(thing: Thing) -> str | None:
    """The version that it states; None unless it is just one."""
    found = list(texts(local(thing, "version")))
    return found[0] if len(found) == 1 and found[0] else None


def location_of(thing: Thing) -> str | None:
    """Where it is, as it says itself; None unless it is just one place."""
    found = {*texts(thing.prov("location")), *texts(thing.prov("atLocation"))}
    return found.pop() if len(found) == 1 else None


def local(thing: Thing, wanted: str) -> list[Literal]:
    """The values of an attribute by its local name, of any namespace but our own."""
    return [
        value
        for (space, name), pairs in thing.attributes.items()
        if name == wanted and not space.startswith("urn:lineage:")
        for _, value in pairs
    ]


def _one(values: list[Literal]) -> Value:
    plain = _plain(values)
    return plain[0] if len(plain) == 1 else sorted(plain, key=str)


def _plain(values: list[Literal]) -> list[Value]:
    return [value.uri if isinstance(value, Name) else value for value in values]


def _json(text: str) -> Value:
    try:
        found: Value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return found


def taken(thing: Thing, field: str, kind: Callable[[object], object]) -> object | None:
    """What our own export says of a field; None where it says nothing.

    Raises:
        ValueError: it says what cannot be.
    """
    found = thing.of(OWN, field)
    return kind(next(iter(_plain(found)))) if found else None
