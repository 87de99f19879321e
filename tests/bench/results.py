"""What was measured, beside what is asked for; kept in a file, and the README's tables of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from collections.abc import Iterator

KEPT = Path(__file__).parent / "results.json"
FULL = (3_000, 130)


class Asked(BaseModel):
    """A figure that is asked for of the full corpus.

    Attributes:
        name: of the figure.
        most: it should be no more than this; in the figure's unit.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    most: float


ASKED = {
    one.name: one.most
    for one in (
        Asked(name="bulk load", most=150),
        Asked(name="segmentation, written", most=120),
        Asked(name="report, every section", most=120),
        Asked(name="memory, bulk load", most=12),
        Asked(name="memory, segmenting", most=12),
        Asked(name="memory, reporting", most=12),
        Asked(name="one new run, loaded and segmented", most=1),
        Asked(name="ten times the pipelines, load", most=12),
        Asked(name="ten times the pipelines, segmentation", most=12),
        Asked(name="ten times the pipelines, report", most=12),
        Asked(name="members, our time / DuckDB's", most=2),
        Asked(name="members, our time / MLMD's", most=0.01),
        Asked(name="redundancy, all compared", most=120),
        Asked(name="redundancy, missed or too many", most=0),
        Asked(name="memory, redundancy", most=12),
        Asked(name="advice, 99th percentile", most=0.02),
        Asked(name="ten times the pipelines, redundancy", most=12),
        Asked(name="features of all graphlets", most=120),
        Asked(name="training and evaluation", most=300),
        Asked(name="memory, learning", most=12),
        Asked(name="one prediction, 99th percentile", most=0.05),
        *(
            Asked(name=f"accuracy short of the best possible, {stage}", most=0.02)
            for stage in ("before", "data", "shape", "training", "validation")
        ),
        Asked(name="lineage --help", most=0.3),
        Asked(name="planning 10,000 workloads", most=80),
        Asked(name="selection, lazy, short of exact at most", most=0.05),
    )
}


SHOWN = (
    "bulk load",
    "load over Bolt",
    "segmentation, written",
    "redundancy, all compared",
    "report, every section",
    "one new run, loaded and segmented",
    "advice, 99th percentile",
)
"""Figures for the README."""


class Figure(BaseModel):
    """One thing that was measured; less is better.

    Attributes:
        name: what it is.
        value: in `unit`.
        unit: `s`, `GiB`, `x` (a ratio), or what is counted.
        note: how it came to be, in a few words.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    value: float
    unit: str = "s"
    note: str = ""

    @property
    def asked(self) -> float | None:
        """The most that it should be; None when nothing is asked."""
        return ASKED.get(self.name)

    @property
    def met(self) -> bool | None:
        """Whether it is what is asked for."""
        return None if self.asked is None else self.value <= self.asked

    def line(self, *, full: bool) -> str:
        """For the terminal; what is asked for is asked of the full corpus alone."""
        text = f"{self.name:<40} {number(self.value):>11} {self.unit:<4}"
        if self.asked is not None:
            verdict = ("met" if self.met else "NOT MET") if full else "of the full corpus"
            text += f" asked: {number(self.asked)} {self.unit}, {verdict}"
        return f"{text}  {self.note}".rstrip()


class PeerResult(BaseModel):
    """How one peer answered, or why it did not.

    Attributes:
        name: of the peer, with its version.
        seconds: for the graphlets that were asked for.
        graphlets: how many those were.
        members: how many members they have.
        prepare: seconds to bring the graph into the peer's own form, which are not counted.
        agrees: whether the members of each role are as many as in our answer; None where the answer
            is another by definition.
        whole: seconds for all graphlets: measured, or from the sample by the number of members.
        failure: why there is no answer.
        note: how it was asked.
    """

    name: str
    seconds: float | None = None
    graphlets: int = 0
    members: int = 0
    prepare: float | None = None
    agrees: bool | None = None
    whole: float | None = None
    failure: str | None = None
    note: str = ""

    def line(self, ours: float | None) -> str:
        """For the terminal; `ours` is our time for all graphlets."""
        if self.failure is not None or self.whole is None:
            return f"{self.name:<28} failed: {self.failure}"
        ratio = f"{ours / self.whole:8.2f}" if ours else f"{'-':>8}"
        agreed = {True: "same", False: "DIFFERENT", None: "another"}[self.agrees]
        return f"{self.name:<28} {number(self.whole):>9} s {ratio}  {agreed:<9} {self.note}"


class Results(BaseModel):
    """One run of the benchmark, phase by phase.

    Attributes:
        pipelines: of the corpus, simulated.
        days: that it spans.
        corpus: how many of what there are in it.
        machine: where it ran.
        versions: of what ran.
        load: the highest load average at the end of a phase; far above the cores when others work.
        phases: figures by phase, in order.
        peers: the members of all graphlets, by us and by others; our own reading comes first.
    """

    pipelines: int
    days: int
    corpus: dict[str, int] = Field(default_factory=dict)
    machine: dict[str, Any] = Field(default_factory=dict)
    versions: dict[str, str] = Field(default_factory=dict)
    load: float = 0.0
    phases: dict[str, list[Figure]] = Field(default_factory=dict)
    peers: list[PeerResult] = Field(default_factory=list)

    @classmethod
    def read(cls, path: Path, pipelines: int, days: int) -> Results:
        """What was measured before of the same corpus, else nothing."""
        if path.exists():
            found = cls.model_validate_json(path.read_bytes())
            if (found.pipelines, found.days) == (pipelines, days):
                return found
        return cls(pipelines=pipelines, days=days)

    def write(self, path: Path) -> None:
        """Keep it."""
        path.write_text(json.dumps(self.model_dump(), indent=1) + "\n", encoding="utf-8")

    def figure(self, name: str) -> Figure | None:
        """A figure of any phase."""
        return next((f for found in self.phases.values() for f in found if f.name == name), None)

    def value(self, name: str) -> float | None:
        """Its value."""
        found = self.figure(name)
        return None if found is None else found.value

    @property
    def full(self) -> bool:
        """Whether this is the corpus that figures are asked for."""
        return (self.pipelines, self.days) == FULL

    @property
    def ours(self) -> float | None:
        """Our seconds for the members of all graphlets, read only."""
        return self.peers[0].whole if self.peers else None


def number(value: float) -> str:
    """A figure with three digits, large ones with separators."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 10 else f"{value:.1f}"


def table(kept: Path = KEPT) -> str:
    """The README's tables, from what is kept."""
    found = Results.model_validate_json(kept.read_bytes())
    held = ", ".join(f"{count:,} {what}" for what, count in found.corpus.items())
    cores, cpu = found.machine["cores"], found.machine["cpu"]
    memory, neo4j = found.machine["memory_gib"], found.versions["neo4j"]
    return "\n".join([
        f"A simulated corpus of {found.pipelines:,} pipelines over {found.days} days ({held}),",
        f"on {cores} cores ({cpu}) and {memory:.0f} GiB, Neo4j {neo4j}, at a load average",
        f"of up to {found.load:.0f}:",
        "",
        "| what | measured |",
        "| --- | --- |",
        *_figures(found),
        "",
        "| members of all graphlets, by role | seconds | ours takes |",
        "| --- | --- | --- |",
        *_peers(found),
    ])  # fmt: skip


def _figures(found: Results) -> Iterator[str]:
    for name in SHOWN:
        figure = found.figure(name)
        if figure is not None:
            yield f"| {name} | {number(figure.value)} {figure.unit} |"
    memory = [
        figure.value
        for figures in found.phases.values()
        for figure in figures
        if figure.name.startswith("memory")
    ]
    if memory:
        yield f"| memory of Java and Python together, at most | {number(max(memory))} GiB |"


def _peers(found: Results) -> Iterator[str]:
    for peer in found.peers:
        if peer.whole is None:
            yield f"| {peer.name} | failed | |"
        else:
            ratio = f"{number(found.ours / peer.whole)} x" if found.ours else ""
            other = ", another answer" if peer.agrees is None else ""
            yield f"| {peer.name}{other} | {number(peer.whole)} | {ratio} |"
