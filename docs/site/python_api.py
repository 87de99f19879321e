"""Pages about the Python API; what stands on them is made from docstrings."""

from __future__ import annotations

from docs.site.markdown import plain

PAGES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "lineage": (
        "Lineage",
        "The whole service; every command is a call of one of its methods.",
        ("lineage.api.Lineage",),
    ),
    "results": (
        "Results",
        (
            "What methods of `Lineage` return. Most of it cannot be changed, and draws itself in a "
            "notebook as a table or a tree."
        ),
        (
            "lineage.load.service.Ingested",
            "lineage.segment.Segmented",
            "lineage.prune.Pruned",
            "lineage.tables.Table",
            "lineage.show.Shown",
            "lineage.diff.models",
            "lineage.advise",
            "lineage.planning",
            "lineage.compare",
            "lineage.demo.demo.Demo",
        ),
    ),
    "report": (
        "Report and analyses",
        ("The report in memory, and the rows of its tables; "
        "[what the figures mean](../report.md) says the same for readers of the report."),
        (
            "lineage.report.model",
            "lineage.analyses.rows",
            "lineage.analyses.redundancy",
            "lineage.analyses.materialization",
            "lineage.analyses.whatif",
            "lineage.analyses.unmatched",
        ),
    ),
    "waste": (
        "Waste",
        "Predictions, and what training found.",
        (
            "lineage.waste.live",
            "lineage.waste.service.WasteReport",
            "lineage.waste.results",
            "lineage.waste.factors",
            "lineage.waste.stages",
        ),
    ),
    "recorder": (
        "Recording functions",
        "Functions and notebooks that record themselves, and skip what was done.",
        ("lineage.recorder", "lineage.recorder.default", "lineage.recorder.recorder.Recorder",
         "lineage.recorder.store.OutputStore", "lineage.recorder.digests.File",
         "lineage.recorder.step.Step", "lineage.recorder.later.Later"),
    ),
    "reuse": (
        "Planning and selection",
        "The algorithms behind `plan`, `materialization` and `whatif`, without a graph.",
        ("lineage.reuse.dag", "lineage.reuse.plan", "lineage.reuse.select",
         "lineage.reuse.curve", "lineage.reuse.versions"),
    ),
    "interop": (
        "Other libraries",
        "Graphlets as NetworkX and py2neo graphs; see [py2neo](../py2neo.md).",
        ("lineage.interop",),
    ),
    "server": (
        "Servers and settings",
        "The local server, and all that can be set.",
        ("lineage.server", "lineage.server.endpoint", "lineage.server.home",
         "lineage.settings"),
    ),
    "errors": (
        "Errors",
        "All errors are subclasses of `LineageError`; a message says what failed and what to do.",
        ("lineage.errors",),
    ),
    "records": (
        "Records and readers",
        "What readers turn a source into, and how to write a reader.",
        ("lineage.records", "lineage.readers", "lineage.queries"),
    ),
    "simulate": (
        "Simulation",
        "A corpus of pipelines, made up.",
        ("lineage.simulate.simulate", "lineage.simulate.profile"),
    ),
}  # fmt: skip
"""By name of the page: its title, what it is about, and the objects on it."""


def pages() -> dict[str, str]:
    """Each page by its path in the site."""
    rows = "\n".join(f"- [{title}]({name}.md): {says}" for name, (title, says, _) in PAGES.items())
    return {"api/index.md": f"# Python\n\n{rows}\n"} | {
        f"api/{name}.md": _page(*about) for name, about in PAGES.items()
    }


def _page(title: str, says: str, objects: tuple[str, ...]) -> str:
    return "\n\n".join([f"# {plain(title)}", says, *(f"::: {one}" for one in objects)]) + "\n"
