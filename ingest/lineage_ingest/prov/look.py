"""Whether something looks like a PROV document, from its first bytes."""

from __future__ import annotations

import re

from lineage_ingest.prov.vocabulary import KEYWORDS, OWN, PROV

HEAD = 64 * 1024
_DICTIONARIES = {"hadDictionaryMember", "derivedByInsertionFrom", "derivedByRemovalFrom"}
_TOP = KEYWORDS | _DICTIONARIES | {"prefix", "bundle"}
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]', re.DOTALL)
# Atomic, as comments can be split in many ways.
_PROVN = re.compile(r"\s*+(?>(?>//[^\n]*\n|/\*.*?\*/)\s*+)*+document\b(?!\s*[:=\"])", re.DOTALL)
_PROVN_WORD = re.compile(r"\b(?:prefix\s|default\s*<|endDocument\b|(?:entity|activity|agent)\s*\()")
_XML = re.compile(r"\s*(?:<\?xml|<!--|<!DOCTYPE|<(?:[\w.-]+:)?document[\s>])")
_SIMULATED = re.compile(r"\blineage:simulated\b[^,\n]{1,40}\btrue\b")
_ROOT = re.compile(r"<(?:[\w.-]+:)?document[\s>]")


def form_of(head: bytes, *, meant: bool = False) -> str | None:
    """The form of the document that begins so: `json`, `xml`, `provn`; None if it is none.

    Args:
        head: the first bytes.
        meant: somebody says that it is one; then keys that are not PROV's do not count against it.
    """
    text = head.decode("utf-8-sig", "replace")
    if text.lstrip()[:1] == "{":
        return "json" if _is_prov_json(text, meant=meant) else None
    if _XML.match(text):
        return "xml" if PROV in text and _ROOT.search(text) else None
    return "provn" if _PROVN.match(text) and _PROVN_WORD.search(text) else None


def says_simulated(head: bytes) -> bool:
    """Whether it begins like an export of ours of what a simulation made up.

    The bundle's own description comes first in it.
    """
    text = head.decode("utf-8-sig", "replace")
    return OWN in text and _SIMULATED.search(text) is not None


def _is_prov_json(text: str, *, meant: bool) -> bool:
    """Whether all the keys of the object that begins here are PROV's, and each holds an object.

    An object without keys is a document, too, but says nothing of what it is meant to be.
    """
    keys = _top_keys(text)
    ours = [key in _TOP and value == "{" for key, value in keys]
    return (any(ours) or not keys) if meant else (bool(keys) and all(ours))


def _top_keys(text: str) -> list[tuple[str, str]]:
    """The keys of the outermost object, as far as the text goes, and how their values begin."""
    depth, key, found = 0, "", []
    tokens = _TOKEN.finditer(text)
    for token in tokens:
        sign = token[0]
        if depth == 1 and sign == ":":
            value = text[token.end() :].lstrip()[:1]
            if value:
                found.append((key, value))
        elif sign in "{[":
            depth += 1
        elif sign in "}]":
            depth -= 1
            if depth == 0:
                break
        elif depth == 1 and sign[0] == '"':
            key = sign[1:-1]
    return found
