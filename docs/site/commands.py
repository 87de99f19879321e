"""The page about the command line, made from its declarations."""

from __future__ import annotations

import inspect
from enum import Enum
from pathlib import Path
from typing import Any, get_args, get_type_hints

import typer.main  # noqa: TID251

from docs.site.markdown import code, paragraphs, plain, table
from lineage.cli.app import app
from lineage.cli.commands import register

_HEAD = """\
# Commands

`lineage [OPTIONS] COMMAND [ARGS]...`; `lineage COMMAND --help` says the same as this page. Exit
codes: 0 done, 1 an error explained in one line, 2 wrong usage, 130 interrupted.
"""


def page() -> str:
    """The page, as Markdown."""
    register()
    group: Any = typer.main.get_command(app)
    parts = [_HEAD, "## Before the command", _parameters(group)]
    for name, command in group.commands.items():
        parts += [f"## lineage {name}", f"```sh\n{_usage(name, command)}\n```"]
        parts += [paragraphs(command.help or ""), _parameters(command)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _usage(name: str, command: Any) -> str:
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    words = [_shown(one) for one in arguments]
    return " ".join(["lineage", name, "[OPTIONS]", *words])


def _shown(argument: Any) -> str:
    name = (argument.metavar or argument.name.upper()).strip()
    if not argument.required and not name.startswith("["):
        name = f"[{name}]"
    return name if argument.nargs != -1 or name.endswith("...") else f"{name}..."


def _parameters(command: Any) -> str:
    types = _types(command)
    rows = [_row(one, types.get(one.name)) for one in command.params if not _is_hidden(one)]
    return table(("option", "takes", "default", "says"), rows) if rows else ""


def _is_hidden(one: Any) -> bool:
    return bool(getattr(one, "hidden", False)) or "--help" in one.opts


def _types(command: Any) -> dict[str, Any]:
    """The types of the function behind a command: what typer makes of them is its own matter."""
    return get_type_hints(inspect.unwrap(command.callback))


def _row(one: Any, of: Any) -> tuple[str, str, str, str]:
    if one.param_type_name == "argument":
        return code(_shown(one)), _choices(of), "", plain(one.help or "")
    names = ", ".join(code(name) for name in (*one.opts, *one.secondary_opts))
    said = plain(one.help or "")
    if one.envvar:
        said += f" Environment: `{one.envvar}`."
    takes = "" if one.is_flag else _choices(of) or code(one.metavar or _word(of))
    return names, takes, _default(one), said


def _inner(of: Any) -> Any:
    """`Path` of `Path | None` and of `list[Path]`."""
    inner = [one for one in get_args(of) if one is not type(None)]
    return _inner(inner[0]) if inner else of


def _choices(of: Any) -> str:
    kind = _inner(of)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return ", ".join(code(str(one.value)) for one in kind)
    return ""


def _word(of: Any) -> str:
    words = {int: "INTEGER", float: "NUMBER", Path: "PATH"}
    return words.get(_inner(of), "TEXT")


def _default(one: Any) -> str:
    value = getattr(one.default, "value", one.default)
    is_plain = isinstance(value, str | int | float) and not isinstance(value, bool)
    return code(str(value)) if is_plain and not one.is_flag else ""
