"""What the benchmark keeps, and the tables that the README makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from bench.results import KEPT, Figure, PeerResult, Results, number, table

if TYPE_CHECKING:
    from pathlib import Path


def made() -> Results:
    return Results(
        pipelines=30,
        days=5,
        corpus={"models": 1234},
        machine={"cpu": "some", "cores": 2, "memory_gib": 23.6},
        versions={"neo4j": "5.26.0"},
        phases={
            "load": [Figure(name="bulk load", value=151), Figure(name="memory, x", value=3.5)],
            "segment": [Figure(name="memory, y", value=4.5, unit="GiB")],
        },
        peers=[
            PeerResult(name="ours", whole=2.0, agrees=True),
            PeerResult(name="other", whole=4.0, agrees=None),
            PeerResult(name="broken", failure="it fell over"),
        ],
    )


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (0.01234, "0.0123"), (9.876, "9.88"), (12.34, "12.3"), (1234.5, "1,234")],
)
def test_three_digits_are_enough(value: float, shown: str) -> None:
    assert number(value) == shown


@pytest.mark.parametrize(("value", "met"), [(150, True), (150.1, False)])
def test_a_figure_is_held_against_what_is_asked(value: float, met: bool) -> None:
    figure = Figure(name="bulk load", value=value)
    assert figure.met is met
    assert ("NOT MET" in figure.line(full=True)) is not met
    assert "of the full corpus" in figure.line(full=False)
    assert Figure(name="anything else", value=1).met is None


def test_results_are_kept_for_the_same_corpus_alone(tmp_path: Path) -> None:
    made().write(tmp_path / "kept.json")
    assert Results.read(tmp_path / "kept.json", 30, 5) == made()
    assert Results.read(tmp_path / "kept.json", 30, 6).phases == {}
    assert Results.read(tmp_path / "none.json", 30, 5).peers == []


def test_the_tables_say_what_failed_and_what_is_another_answer(tmp_path: Path) -> None:
    made().write(tmp_path / "kept.json")
    lines = table(tmp_path / "kept.json").splitlines()
    assert "| bulk load | 151 s |" in lines
    assert "| memory of Java and Python together, at most | 4.5 GiB |" in lines
    assert "| ours | 2 | 1 x |" in lines
    assert "| other, another answer | 4 | 0.5 x |" in lines
    assert "| broken | failed | |" in lines


def test_what_is_kept_in_the_repository_is_whole() -> None:
    kept = Results.model_validate_json(KEPT.read_bytes())
    assert kept.peers[0].name.startswith("Neo4j")
    assert kept.figure("segmentation, written") is not None
    wrong = [peer.name for peer in kept.peers if peer.agrees is False]
    assert wrong == []
