"""A line of a trace, or why it cannot be used."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pydantic import ValidationError

from lineage.records import SetAside
from lineage_ingest.compressed import MAX_LINE
from lineage_ingest.trace_json import escape_surrogates
from lineage_ingest.trace_lines import ADAPTER, MODELS

if TYPE_CHECKING:
    from lineage_ingest.trace_lines import AnyLine

_VALIDATORS = {kind: model.__pydantic_validator__ for kind, model in MODELS.items()}


def parse(raw: bytes, position: str, kind: str | None = None) -> AnyLine | SetAside:
    """A line, or why it cannot be used.

    Args:
        raw: the line's bytes.
        position: where it stands, for the reason.
        kind: what its `kind` is, where already known.
    """
    if len(raw) >= MAX_LINE:
        return _aside(kind or "line", position, f"longer than {MAX_LINE // 1024**2} MiB")
    try:
        return _validate(raw, kind)
    except ValidationError as error:
        if error.errors()[0]["type"] != "json_invalid":
            return _aside(kind or _kind_in(raw), position, _reason(error, kind))
    return _parse_again(raw, position, kind)


def _validate(raw: bytes | str, kind: str | None) -> AnyLine:
    validator = _VALIDATORS.get(kind) if kind else None
    if validator is None:
        return ADAPTER.validate_json(raw)
    line: AnyLine = validator.validate_json(raw)
    return line


def _parse_again(raw: bytes, position: str, kind: str | None) -> AnyLine | SetAside:
    """Take what strict JSON refuses and real writers emit: halves of surrogate pairs."""
    found = kind or "line"
    try:
        text = json.dumps(escape_surrogates(json.loads(raw.decode("utf-8"))))
        found = kind or _kind_in(text)
        return _validate(text, kind)
    except UnicodeDecodeError as error:
        why = f"not UTF-8: byte 0x{raw[error.start]:02x} at column {error.start + 1}"
    except ValidationError as error:
        why = _reason(error, kind)
    except json.JSONDecodeError as error:
        why = f"not JSON: {error.msg} at column {error.colno}"
    except (ValueError, RecursionError):
        why = "not JSON that can be read: a number too long, or nested too deeply"
    return _aside(found, position, why)


def _aside(kind: str, position: str, why: str) -> SetAside:
    return SetAside(kind=kind, position=position, reason=why)


def _kind_in(raw: bytes | str) -> str:
    value = json.loads(raw)
    return str(value.get("kind", "line")) if isinstance(value, dict) else "line"


def _reason(error: ValidationError, kind: str | None) -> str:
    """What is wrong with a line, in one line."""
    # Where the kind was not known beforehand, every place starts with it.
    skip = 0 if kind in MODELS else 1
    found: dict[str, str] = {}
    for detail in error.errors(include_url=False):
        message = detail["msg"].removeprefix("Value error, ")
        if not isinstance(detail["input"], dict):
            message += f" (got {_shown(detail['input'])})"
        found.setdefault(_place(detail["loc"][skip:]), message)
    parts = [f"{place}: {why}" if place else why for place, why in found.items()]
    more = f"; and {len(parts) - 3} more" if len(parts) > 3 else ""
    return "; ".join(parts[:3]) + more


def _place(path: tuple[int | str, ...]) -> str:
    """Where in the line, without what names the arms of unions."""
    parts = (str(part) for part in path)
    return ".".join(part for part in parts if not part.startswith(("constrained", "function-")))


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
