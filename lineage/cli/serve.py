"""The command that receives events: `serve`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer  # noqa: TID251

from lineage.cli import output
from lineage.cli.app import Json, app, given, service
from lineage.cli.output import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import SecretStr

    from lineage import Settings

MIB = 1 << 20


@app.command()
def serve(
    ctx: typer.Context,
    *,
    host: Annotated[
        str, typer.Option(help="Address to listen at; others than loopback need an API key.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes any.")] = 8765,
    source: Annotated[str, typer.Option(help="Name to load the events under.")] = "openlineage",
    journal: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Where accepted events wait for Neo4j.")
    ] = None,
    journal_megabytes: Annotated[
        int, typer.Option(min=1, help="Events are refused for a while when so much waits.")
    ] = 1024,
    body_megabytes: Annotated[
        int, typer.Option(min=1, max=1024, help="Largest body, after decompression.")
    ] = 10,
    api_key_file: Annotated[
        Path | None,
        typer.Option(help="API keys of 16 characters or more, one a line; else LINEAGE_API_KEY."),
    ] = None,
    segment_every: Annotated[
        float, typer.Option(min=0, metavar="SECONDS", help="Pause between segmentations; 0: none.")
    ] = 60.0,
    pages: Annotated[bool, typer.Option(help="Whether a browser sees the graph as pages.")] = True,
    json: Json = False,
) -> None:
    """Receive OpenLineage events over HTTP, until ctrl-C; what was accepted is never lost."""
    from lineage.serve import Options
    from lineage.serve import serve as receive
    from lineage.server.home import data_dir

    _log_warnings()
    service()
    receive(
        Options(
            journal=journal or data_dir() / "journal",
            host=host,
            port=port,
            source=source,
            keys=_keys(given(ctx).settings(), api_key_file),
            body_bytes=body_megabytes * MIB,
            journal_bytes=journal_megabytes * MIB,
            segment_seconds=segment_every,
            pages=pages,
        ),
        given(ctx).connect,
        _telling(pages=pages, json=json),
    )


def _keys(settings: "Settings", file: Path | None) -> "tuple[SecretStr, ...]":
    from pydantic import SecretStr

    from lineage.serve.options import read_keys

    if file is not None:
        return read_keys(file)
    lines = "" if settings.api_key is None else settings.api_key.get_secret_value()
    # In a container the whole file is in the variable: there may be several, one a line.
    return tuple(SecretStr(line.strip()) for line in lines.splitlines() if line.strip())


def _telling(*, pages: bool, json: bool) -> "Callable[[str], None]":
    def ready(address: str) -> None:
        if json:
            say(output.dumps({"url": address}))
        else:
            say(f"events are received at {address}/api/v1/lineage; {address}/docs says more")
            if pages:
                # By this name, which Browser allows by itself.
                guide = address.replace("//127.0.0.1:", "//localhost:")
                say(f"pages are at {address}/")
                say(f"a guide for Neo4j Browser, to paste there:  :guide {guide}/guide")
        sys.stdout.flush()

    return ready


def _log_warnings() -> None:
    """What goes wrong while it runs is told on standard error, a line each."""
    import logging

    log = logging.getLogger("lineage.serve")
    if not log.isEnabledFor(logging.DEBUG):  # else --verbose has it told already
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
        log.addHandler(handler)
