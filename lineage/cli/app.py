"""The application: options that come before the command, and how errors leave."""

# Annotations are evaluated by typer, hence no `from __future__ import annotations` here.
import logging
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer  # noqa: TID251
from typer.core import TyperGroup  # noqa: TID251

from lineage._version import __version__
from lineage.errors import LineageError

if TYPE_CHECKING:
    from lineage import Lineage, Settings

INTERRUPTED = (
    "interrupted: what was loaded and written stays; running the same command again completes it"
)
BROKEN_PIPE = 141  # as for any program that SIGPIPE ends
LISTS = ("_rules", "_roles", "_roots", "_properties", "_stages", "_aliases", "apart")
DATA_FRAMES = ("numpy", "pandas", "pyarrow")
_log = logging.getLogger("lineage")

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@dataclass
class Given:
    """What was said before the command."""

    config: Path | None = None
    flags: dict[str, Any] = field(default_factory=dict)

    def settings(self, **flags: Any) -> "Settings":
        """The settings that hold for this call."""
        from lineage import Settings

        return Settings.load(self.config, **self.flags, **flags)

    def connect(self) -> "Lineage":
        """The service, connected."""
        return service().connect(settings=self.settings())


class Commands(TyperGroup):
    """Commands whose errors leave as one line on standard error."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command.

        Raises:
            Exit: with the exit code, once the error was told.
        """
        try:
            return super().invoke(ctx)
        except LineageError as error:
            _log.debug("where it failed:", exc_info=error)
            fail(str(error))
        except KeyboardInterrupt as stop:
            say_error(str(stop) or INTERRUPTED)
            raise typer.Exit(130) from None
        except BrokenPipeError:
            hush()
            raise typer.Exit(BROKEN_PIPE) from None
        except OSError as error:
            _log.debug("where it failed:", exc_info=error)
            where = error.filename or ("standard output" if _output_fails() else None)
            why = error.strerror or str(error)
            fail(why if where is None else f"{where}: {why}")


app = typer.Typer(
    cls=Commands,
    help="Lineage of production ML pipelines in Neo4j: model graphlets, reuse and waste.",
    epilog="Exit codes: 0 done, 1 an error that is explained in one line, 2 wrong usage.",
    no_args_is_help=True,
    rich_markup_mode=None,  # importing rich would double the time that help takes
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _version(asked: bool) -> None:
    if asked:
        print(f"lineage {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    ctx: typer.Context,
    *,
    uri: Annotated[
        str | None, typer.Option(help="Address of Neo4j, such as bolt://127.0.0.1:7687.")
    ] = None,
    username: Annotated[str | None, typer.Option(help="Its user.")] = None,
    database: Annotated[str | None, typer.Option(help="Its database.")] = None,
    config: Annotated[
        Path | None, typer.Option(help="Settings file; else lineage.toml here or above.")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Any setting; may be given again."),
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log to stderr.")] = False,
    version: Annotated[  # noqa: ARG001  (its callback does the work)
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    if verbose:
        logging.basicConfig(format="%(asctime)s %(name)s: %(message)s", stream=sys.stderr)
        _log.setLevel(logging.DEBUG)
    else:  # errors are told in one line of ours, so libraries keep theirs
        logging.getLogger().addHandler(logging.NullHandler())
    flags: dict[str, Any] = dict(pairs(settings or []))
    named = {"neo4j_uri": uri, "neo4j_username": username, "neo4j_database": database}
    flags |= {name: value for name, value in named.items() if value is not None}
    ctx.obj = Given(config, {name: value_of(name, value) for name, value in flags.items()})


def service() -> "type[Lineage]":
    """The class `Lineage`, imported quickly.

    The driver imports pandas, NumPy and Arrow where they are installed, to take and give their
    values. No command does that, and the imports take longer than most commands.
    """
    hidden = {name: None for name in DATA_FRAMES if name not in sys.modules}
    sys.modules.update(hidden)  # type: ignore[arg-type]  # None: not to be imported
    try:
        from lineage.api import Lineage
    finally:
        for name in hidden:
            del sys.modules[name]
    return Lineage


def value_of(name: str, value: str) -> Any:
    """The value of a setting: JSON for rules, for lists that or names between commas, else text."""
    if not name.endswith(LISTS):
        return value
    found = parsed(value)
    if isinstance(found, list) or name.endswith("_rules"):
        return found
    return [part.strip() for part in value.split(",")]


def pairs(given: list[str]) -> list[tuple[str, str]]:
    """Split `name=value` arguments.

    Raises:
        BadParameter: there is no `=` in one.
    """
    found = []
    for item in given:
        name, equals, value = item.partition("=")
        if not equals or not name:
            raise typer.BadParameter(f"{item!r} is not NAME=VALUE")
        found.append((name, value))
    return found


def parsed(value: str) -> Any:
    """JSON where it can be read as that, else the text itself."""
    import json

    try:
        return json.loads(value)
    except ValueError:
        return value


def given(ctx: typer.Context) -> Given:
    """What was said before the command."""
    found = ctx.obj
    assert isinstance(found, Given)  # noqa: S101  (set by the callback above)
    return found


def hush() -> None:
    """Write no more: the reader (`| head`) has what it wanted, and nobody is left to tell."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _output_fails() -> bool:
    """Whether standard output takes no more, such as on a full disk; it is hushed then."""
    try:
        sys.stdout.flush()
    except OSError:
        hush()
        return True
    return False


def fail(message: str) -> None:
    """Tell what went wrong, and end with exit code 1.

    Raises:
        Exit: always.
    """
    say_error(f"error: {message}")
    raise typer.Exit(1)


def say_error(message: str) -> None:
    """One line on standard error, whatever the message holds."""
    from lineage.cli.output import one_line

    print(one_line(message), file=sys.stderr, flush=True)
