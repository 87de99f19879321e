"""Commands that read the graph: `report`, `show`, `export`, `sources`."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer  # noqa: TID251

from lineage.cli import output
from lineage.cli.app import Json, app, given, service
from lineage.cli.names import check_names
from lineage.cli.output import say

if TYPE_CHECKING:
    from lineage.api import Lineage

Pipeline = Annotated[str | None, typer.Option(help="Only this pipeline.")]
Source = Annotated[str | None, typer.Option(help="Only this source.")]


def _file(path: Path | None) -> Path | None:
    """The file to write; `-` is standard output, as without the option."""
    return None if path == Path("-") else path


Output = Annotated[
    Path | None,
    typer.Option(
        "--output", "-o", metavar="FILE", callback=_file, help="Write to a file; - prints."
    ),
]


class Format(StrEnum):
    """Forms of a report."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"
    HTML = "html"


class ShowFormat(StrEnum):
    """Forms of what `show` shows: the last four are pictures."""

    TEXT = "text"
    JSON = "json"
    SVG = "svg"
    HTML = "html"
    MERMAID = "mermaid"
    DOT = "dot"


class Kind(StrEnum):
    """What `show` can show."""

    GRAPHLET = "graphlet"
    EXECUTION = "execution"
    ARTIFACT = "artifact"
    PIPELINE = "pipeline"
    RUN = "run"


class ExportFormat(StrEnum):
    """How exports are written."""

    JSONL = "jsonl"
    PARQUET = "parquet"


class Exported(StrEnum):
    """What can be exported."""

    GRAPHLETS = "graphlets"
    REDUNDANCY = "redundancy"
    TRACE = "trace"
    PROV = "prov"


_TAKES = {
    Exported.GRAPHLETS: {"--pipeline"},
    Exported.REDUNDANCY: {"--source"},
    Exported.TRACE: {"--source"},
    Exported.PROV: {"KEY"},
}


@app.command()
def report(
    ctx: typer.Context,
    *,
    sections: Annotated[
        list[str] | None,
        typer.Argument(metavar="[SECTION]...", help="Such as summary or graphlets; else all."),
    ] = None,
    format: Annotated[Format, typer.Option(help="Form.")] = Format.TEXT,  # noqa: A002
    json: Json = False,
    file: Output = None,
    pipeline: Pipeline = None,
    source: Source = None,
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Only what started then or later, ISO 8601.")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help="Only what started before, ISO 8601.")
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(
            min=1, help="Rows of each table; else 20 in text, 100 in html, all in json, csv."
        ),
    ] = None,
    budget: Annotated[
        str | None,
        typer.Option(metavar="SIZE", help="What may be kept, such as 500GB, for materialization."),
    ] = None,
) -> None:
    """Print what the pipelines did, what it cost, and what was wasted."""
    service()
    from lineage.report import SECTIONS, Filters, write
    from lineage.report.units import parse_size

    for name in sections or []:
        if name not in SECTIONS:
            raise typer.BadParameter(f"no section {name!r}; there are: {', '.join(SECTIONS)}")
    filters = Filters.of(source, pipeline, since, until)
    size = None if budget is None else parse_size(budget)
    form = Format.JSON if json else format
    with given(ctx).connect() as lin:
        check_names(lin, source=source, pipeline=pipeline)
        with output.writing_text(file) as out:
            write(
                lin.graph,
                out,
                form.value,
                sections=sections,
                filters=filters,
                limit=limit,
                width=output.width(file),
                color=output.color(file),
                settings=lin.settings,
                budget=size,
            )


@app.command()
def show(
    ctx: typer.Context,
    *,
    key: Annotated[str, typer.Argument(help="Its key, native id or name.")],
    kind: Annotated[Kind | None, typer.Option(help="What it is, where that is not clear.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="Items in each branch.")] = 20,
    format: Annotated[  # noqa: A002
        ShowFormat, typer.Option(help="Form; mermaid and dot for a graphlet alone.")
    ] = ShowFormat.TEXT,
    json: Json = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Draw every node; else those that are alike as one.")
    ] = False,
    file: Output = None,
) -> None:
    """Show a graphlet, an execution, an artifact, a pipeline or a run, and what is around it.

    With --format svg, html, mermaid or dot it draws a graphlet, with svg or html also a pipeline's
    graphlets over time.
    """
    if not key.strip():
        raise typer.BadParameter("the KEY is empty; `lineage report graphlets` lists some")
    form = ShowFormat.JSON if json else format
    is_picture = form not in (ShowFormat.TEXT, ShowFormat.JSON)
    if everything and not is_picture:
        raise typer.BadParameter("--all is for pictures; add --format svg, html, mermaid or dot")
    service()

    meant: Any = kind.value if kind else None
    written: Any = form.value
    with given(ctx).connect() as lin:
        if is_picture:
            drawn = lin.draw(key, written, kind=meant, everything=everything)
            with output.writing(file) as out:
                out.write(drawn.encode())
            return
        found = lin.show(key, kind=meant, limit=limit)
    if form is ShowFormat.JSON:
        text = found.to_json()
    else:
        text = found.text(output.width(file), color=output.color(file)).rstrip("\n")
    if file is None:
        say(text)
        return
    with output.writing(file) as out:
        out.write(f"{text}\n".encode())


@app.command()
def export(
    ctx: typer.Context,
    *,
    what: Annotated[Exported, typer.Argument(help="What to export.")],
    key: Annotated[
        str | None,
        typer.Argument(
            help="For prov: key, native id or name of the graphlet's trainer.", show_default=False
        ),
    ] = None,
    format: Annotated[  # noqa: A002
        ExportFormat, typer.Option(help="Form; parquet for a trace alone.")
    ] = ExportFormat.JSONL,
    file: Annotated[
        Path | None,
        typer.Option(
            "--output",
            "-o",
            metavar="PATH",
            callback=_file,
            help="Write to a file, - prints; parquet to a folder.",
        ),
    ] = None,
    pipeline: Annotated[str | None, typer.Option(help="Only this pipeline; for graphlets.")] = None,
    source: Annotated[
        str | None, typer.Option(help="Only this source; for redundancy, and for trace.")
    ] = None,
) -> None:
    """Write graphlets, what was computed again, one source as a native trace, or one graphlet.

    `prov` writes one graphlet as a W3C PROV document, in PROV-JSON.
    """
    given_options = {"--source": source, "--pipeline": pipeline, "KEY": key}
    for option, value in given_options.items():
        if value is not None and option not in _TAKES[what]:
            takes = " and ".join(sorted(_TAKES[what]))
            raise typer.BadParameter(f"export {what} takes no {option}, but {takes}")
    if what is Exported.PROV and not key:
        raise typer.BadParameter(
            "export prov needs the KEY, id or name of a graphlet; `lineage report graphlets` lists "
            "ids of trainers"
        )
    if format is ExportFormat.PARQUET and (what is not Exported.TRACE or file is None):
        wanted = "a trace" if what is not Exported.TRACE else "--output FOLDER"
        raise typer.BadParameter(f"the format parquet is for {wanted}")
    with given(ctx).connect() as lin:
        if what is Exported.TRACE:
            _export_trace(lin, source, file, format)
            return
        if what is Exported.PROV:
            document = lin.export_prov(key or "").encode()
            with output.writing(file) as out:
                out.write(document)
            return
        check_names(lin, source=source, pipeline=pipeline)
        rows = (
            lin.export_graphlets(pipeline)
            if what is Exported.GRAPHLETS
            else lin.export_redundancy(source)
        )
        with output.writing(file) as out:
            for row in rows:
                out.write(output.dumps(row).encode() + b"\n")


def _export_trace(
    lin: "Lineage", source: str | None, path: Path | None, form: ExportFormat
) -> None:
    from lineage.analyses.simulated import is_simulated
    from lineage.export import source_of

    name = source_of(lin.graph, source)
    simulated = is_simulated(lin.graph, name)
    if form is ExportFormat.PARQUET and path is not None:
        from lineage_ingest.trace_parquet_writer import ParquetTraceWriter

        with ParquetTraceWriter(path, name, simulated=simulated) as writer:
            for record in lin.export_trace(name):
                writer.write(record)
        return
    from lineage_ingest.trace import dump

    with output.writing(path) as out:
        dump(lin.export_trace(name), out, name, simulated=simulated)


@app.command()
def sources(ctx: typer.Context, *, json: Json = False) -> None:
    """List the stores that were loaded."""
    with given(ctx).connect() as lin:
        rows = lin.sources()
    if json:
        output.print_json(rows)
        return
    columns = ("source", "reader", "format", "loads", "set_aside")
    cells = ([*(row[column] for column in columns), _minute(row["last"])] for row in rows)
    say(output.table((*columns, "last"), cells))
    if made_up := [row["source"] for row in rows if row["simulated"]]:
        say(f"\nsimulated data: {output.safe(', '.join(made_up))}")


def _minute(moment: object) -> str:
    """A time of the graph, UTC, as people need it; nothing where a load never ended."""
    return "" if moment is None else str(moment)[:16].replace("T", " ")
