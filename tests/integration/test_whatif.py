"""Repeated work read from the graph and replayed, against the same from a list of executions."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import pytest
from typer.testing import CliRunner  # noqa: TID251

from lineage import Settings
from lineage.analyses.whatif import whatif
from lineage.cli.app import app
from lineage.cli.commands import register
from lineage.errors import SettingsError
from lineage.reuse.curve import Policy
from lineage.reuse.replay import Trace, greedy_dual, lru
from lineage.reuse.storage import USUAL_BYTES

if TYPE_CHECKING:
    from pathlib import Path

    from lineage import Lineage
    from lineage.server import Endpoint

register()
SETTINGS = Settings()
WRITE = """
UNWIND $rows AS row
CREATE (e:Execution:Analysis {key: row.key, operator: 'analysis', state: 'COMPLETE'})
SET e += {started: datetime({epochMillis: row.time}), cost: row.cost, cost_unit: row.unit}
WITH e, row
UNWIND CASE WHEN row.outputs = [] THEN [null] ELSE row.outputs END AS output
FOREACH (one IN CASE WHEN output IS NULL THEN [] ELSE [output] END |
  CREATE (e)-[:OUTPUT]->(a:Artifact {key: one.key, type: one.type, artifact: one.class})
  SET a.size = one.size)
RETURN count(*) AS made ORDER BY made
"""
LINK = """
UNWIND $rows AS row
MATCH (e:Execution {key: row.key})
MATCH (o:Execution {key: row.of})
CREATE (e)-[r:$(row.how)]->(o)
SET r.assumed = row.assumed
RETURN count(*) AS made ORDER BY made
"""


class Shop:
    """Executions and what they repeat, as rows for the graph."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.links: list[dict[str, Any]] = []

    def run(
        self, key: str, time: float, cost: float | None, *sizes: int | None, **more: Any
    ) -> None:
        outputs = [
            {"key": f"{key}/{at}", "size": size, "type": more.get("type", "T"), "class": "model"}
            for at, size in enumerate(sizes)
        ]
        self.rows.append(
            {
                "key": key,
                "time": int(time * 1000),
                "cost": cost,
                "unit": more.get("unit", "s"),
                "outputs": outputs,
            }
        )
        if "of" in more:
            self.links.append(
                {
                    "key": key,
                    "of": more["of"],
                    "how": more.get("how", "REPEATS"),
                    "assumed": more.get("assumed"),
                }
            )

    def load(self, lin: Lineage) -> Lineage:
        lin.graph.run_text(WRITE, rows=self.rows)
        lin.graph.run_text(LINK, rows=self.links)
        return lin


@pytest.fixture
def shop(lin: Lineage) -> Lineage:
    made = Shop()
    made.run("a", 0, 100.0, 10**9, 10**9)
    made.run("b", 10, 50.0, 10**9)
    made.run("b1", 20, 60.0, 10**9, of="b")
    made.run("a1", 30, 110.0, 2, of="a", assumed=True)
    made.run("a2", 40, 90.0, of="a")
    made.run("once", 50, 1000.0, 5)
    made.run("a at once", 1, 70.0, of="a", how="CONCURRENT")
    made.run("no cost", 60, None, of="a")
    made.run("negative", 60, -5.0, of="a")
    made.run("hours", 60, 3.0, of="a", unit="h")
    return made.load(lin)


def test_the_command_knows_the_policies() -> None:
    from lineage.cli import compare  # once commands are registered, in their order

    assert [one.value for one in compare.Policy] == [one.value for one in Policy]


def by_policy(found: Any) -> dict[tuple[int, str], Any]:
    return {(row.budget, str(row.policy)): row for row in found}


def test_figures(shop: Lineage) -> None:
    found = shop.whatif(["2GB", 3 * 10**9])
    assert (found.accesses, found.items, found.size, found.unit) == (5, 2, 3e9, "s")
    assert (found.overlapping, found.assumed, found.left_out) == (1, 1, 3)
    assert found.estimated == 0
    assert found.cost == 100 + 50 + 60 + 110 + 90 + 70
    rows = by_policy(found)
    assert rows[0, "none"].cost == found.cost
    load_a, load_b = 0.1 + 20, 0.1 + 10
    everything = (60 - load_b) + (110 - load_a) + (90 - load_a)
    for policy in ("lru", "cost", "offline", "optimum", "bound"):
        assert rows[3 * 10**9, policy].saved == pytest.approx(everything)
    # With room for a alone, one who knows the future keeps a all the time.
    assert rows[2 * 10**9, "optimum"].saved == pytest.approx(200 - 2 * load_a)
    assert rows[2 * 10**9, "optimum"].hits == 2
    # b drives a out, then a drives b out.
    assert rows[2 * 10**9, "lru"].saved == pytest.approx((60 - load_b) + (90 - load_a))
    assert rows[2 * 10**9, "bound"].hits is None
    assert found[0].policy == "none"
    assert len(found.to_pandas()) == len(found.rows)


def test_unknown_sizes_are_estimated_and_said_to_be(lin: Lineage) -> None:
    made = Shop()
    made.run("a", 0, 10.0, None, 7)
    made.run("a1", 1, 10.0, of="a")
    made.run("b", 0, 10.0, None, type="U")
    made.run("b1", 1, 10.0, of="b")
    for place, size in enumerate((100, 300, 301)):
        made.run(f"other {place}", 5, 1.0, size)
    found = whatif(made.load(lin).graph, SETTINGS)
    medians = sorted((7, 100, 300, 301))
    of_a = (medians[1] + medians[2]) / 2 + 7
    of_b = USUAL_BYTES["model"]  # type: ignore[index]
    assert (found.estimated, found.size) == (2, of_a + of_b)
    assert found.estimated_size == found.size


def test_costs_that_are_no_time_load_for_nothing(lin: Lineage) -> None:
    made = Shop()
    made.run("a", 0, 10.0, 10**12, unit="h")
    made.run("a1", 1, 4.0, of="a", unit="h")
    found = whatif(made.load(lin).graph, SETTINGS, policies=["lru"])
    assert found.is_load_free
    assert found.unit == "h"
    assert found.rows[-1].saved == 4.0
    assert {str(row.policy) for row in found} == {"lru"}
    told = SETTINGS.model_copy(update={"storage_cost_per_second": 1e-6})
    found = whatif(lin.graph, told, policies=["lru"])
    assert not found.is_load_free
    assert found.rows[-1].saved == pytest.approx(4.0 - 1e-6 * (told.storage_seconds + 10_000))


def test_random_graphs_against_lists(lin: Lineage) -> None:
    rng = random.Random(3)
    made = Shop()
    classes: dict[str, list[tuple[int, float]]] = defaultdict(list)
    sizes = {}
    for place, time in enumerate(rng.sample(range(10_000), 400)):
        key, cost = f"{place:03}", float(rng.randrange(1, 500))
        original = rng.choice(list(classes)) if classes and rng.random() < 0.7 else key
        if original == key:
            sizes[key] = rng.randrange(0, 10**9)
            made.run(key, time, cost, sizes[key])
        else:
            made.run(key, time, cost, rng.randrange(10), of=original)
        classes[original].append((time, cost))
    made.load(lin)
    several = {key: some for key, some in classes.items() if len(some) > 1}
    names = sorted(several)
    trace = Trace.of(
        [names.index(key) for key in names for _ in several[key]],
        [time for key in names for time, _ in several[key]],
        [cost for key in names for _, cost in several[key]],
        [sizes[key] for key in names],
        [0.1 + sizes[key] / 1e8 for key in names],
    )
    found = whatif(lin.graph, SETTINGS)
    assert (found.accesses, found.items) == (len(trace), len(names))
    assert found.cost == pytest.approx(trace.total)
    rows = by_policy(found)
    budgets = {budget for budget, policy in rows if policy == "lru"}
    assert len(budgets) == 8
    for budget in budgets:
        bound = rows[budget, "bound"].saved
        assert rows[budget, "lru"].hits <= len(trace) - len(names)
        for policy in ("ttl", "lru", "cost", "offline"):
            assert rows[budget, policy].saved <= bound * (1 + 1e-9)
            assert rows[budget, policy].peak <= budget
        for policy, replayed in (("lru", lru), ("cost", greedy_dual)):
            expected = replayed(trace, budget)
            assert rows[budget, policy].saved == pytest.approx(expected.saved)
            assert rows[budget, policy].hits == expected.hits


def test_nothing_repeats(lin: Lineage) -> None:
    found = lin.whatif(["1GB"])
    assert (found.rows, found.cost, found.unit) == ((), 0, None)


def test_errors(shop: Lineage) -> None:
    with pytest.raises(SettingsError, match="no size"):
        shop.whatif(["lots"])
    with pytest.raises(SettingsError, match="-1 is negative"):
        shop.whatif([-1])
    with pytest.raises(SettingsError, match=r"'best' is not a valid Policy; there are none, ttl"):
        shop.whatif(policies=["best"])


@pytest.fixture
def run(endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("NEO4J_URI", endpoint.uri)
    monkeypatch.setenv("NEO4J_USERNAME", endpoint.username)
    monkeypatch.setenv("NEO4J_PASSWORD", endpoint.password)
    monkeypatch.setenv("COLUMNS", "80")
    return lambda *arguments: CliRunner().invoke(app, ["whatif", *arguments])


def test_command(shop: Lineage, run: Any, tmp_path: Path) -> None:
    told = run("--budget", "2GB", "--policy", "lru", "--plot", str(tmp_path / "p.html"))
    assert told.exit_code == 0
    lines = told.stdout.splitlines()
    assert lines[0].split() == ["budget", "policy", "cost", "saved", "share", "hits"]
    assert lines[2].startswith("2 GB    lru")
    assert max(map(len, lines)) <= 80
    page = (tmp_path / "p.html").read_text()
    assert "<svg" in page
    assert "<script" not in page
    assert 'aria-label="Cost by budget and policy; at 2 GB: lru saves' in page
    found = json.loads(run("--json", "--budget", "0", "--budget", "1TiB").stdout)
    assert found["accesses"] == 5
    assert {row["budget"] for row in found["rows"]} == {0, 2**40}
    assert all(row["saved"] == 0 for row in found["rows"] if row["budget"] == 0)
    failed = run("--budget", "much")
    assert failed.exit_code == 1
    assert failed.stderr == "error: 'much' is no size; write it as 500GB, 1.5TB or 2TiB\n"
    assert run("--policy", "best").exit_code == 2


def test_command_without_repeats(lin: Lineage, run: Any, tmp_path: Path) -> None:
    told = run("--plot", str(tmp_path / "p.html"))
    assert told.stdout.startswith("nothing was computed more than once")
    assert "nothing was computed more than once" in (tmp_path / "p.html").read_text()
