"""The chances in the truth of a corpus: they come true, and they sharpen from stage to stage."""

from __future__ import annotations

import json
import math
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner  # noqa: TID251

from lineage.cli.app import app
from lineage.cli.commands import register
from lineage.cli.simulate import Named
from lineage.simulate import PROFILES, Profile, simulate
from lineage.simulate.best import Best, State, effect, good, works
from lineage.simulate.data import JUMP
from lineage.simulate.plan import DAY
from lineage.simulate.profiles import name_of
from lineage.simulate.waiting import NOTHING, Model, Pair, Policy, Waiting
from lineage.waste.stages import STAGES

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    Array = NDArray[np.float64]

PIPELINES, DAYS = 200, 25
COLUMNS = [f"p_{stage}" for stage in STAGES]
SIGMAS = 4.0
SOME: dict[str, Profile] = {
    "default": Profile(),
    "chance": Profile(evaluator=0, manual=1, manual_push=0.5, throttle={0.0: 1.0}, gate=0, fresh=0),
    "drift": Profile(
        evaluator=1, blessing=30, blessing_drift=-500, blessing_code=0, blessing_structure=0,
        blessing_noise=0, manual=0, throttle={0.0: 1.0}, fresh=0, gate=0, shock=0.2,
    ),
    "throttle": Profile(
        evaluator=0, infra_validator=0, manual=0, throttle={1.0: 0.5, 3.0: 0.3, 7.0: 0.2}, gate=0,
        fresh=0,
    ),
    # Every rule, and often.
    "all": Profile(
        fresh=0.6, fresh_days=1, manual=0.3, shock=0.2, gate=0.6, code_change=0.2, failure=0.1,
        restructure=0.05, infra_validator=0.5, servable=0.7, trainer_failure=0.2, rerun=0.2,
        trainers={1: 0.2, 2: 0.4, 3: 0.4}, blessing_noise=2,
    ),
}  # fmt: skip


def truth(folder: Path, profile: Profile, *, pipelines: int = 60) -> dict[str, Any]:
    simulate(folder, pipelines=pipelines, days=DAYS, seed=5, profile=profile)
    table = pq.read_table(folder / "truth" / "pushes.parquet")
    found: dict[str, Any] = {name: table[name].to_numpy() for name in [*COLUMNS, "cause"]}
    runs = [name.rpartition(".")[0] for name in table["trainer"].to_pylist()]
    found["run"] = np.unique(runs, return_inverse=True)[1]
    return found | {"pushed": table["pushed"].to_numpy().astype(float)}


@pytest.fixture(scope="module", params=SOME)
def pushes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    return truth(
        tmp_path_factory.mktemp("best") / "corpus", SOME[request.param], pipelines=PIPELINES
    )


def log_loss(chance: Array, pushed: Array) -> Array:
    there = np.where(pushed == 1, chance, 1 - chance)
    found: Array = -np.log(np.maximum(there, 1e-12))
    return found


def test_chances_come_true(pushes: dict[str, Any]) -> None:
    for column in COLUMNS:
        chance, pushed = pushes[column], pushes["pushed"]
        assert ((chance >= 0) & (chance <= 1)).all()
        bins = np.minimum((chance * 10).astype(int), 9)
        for number in [*np.unique(bins), None]:
            there = slice(None) if number is None else bins == number
            # Models of one run share its luck.
            sigmas = np.sqrt(chance[there] * (1 - chance[there]))
            of_runs = np.bincount(pushes["run"][there], sigmas)
            spread = math.sqrt(max(4.0, (of_runs**2).sum()))
            off = (pushed[there] - chance[there]).sum()
            assert abs(off) < SIGMAS * spread, (column, number, off, spread)


def test_what_is_certain_happens(pushes: dict[str, Any]) -> None:
    for column in COLUMNS:
        assert not pushes["pushed"][pushes[column] == 0].any()
        assert pushes["pushed"][pushes[column] == 1].all()


def test_chances_sharpen_from_stage_to_stage(pushes: dict[str, Any]) -> None:
    losses = [log_loss(pushes[column], pushes["pushed"]) for column in COLUMNS]
    for earlier, later in pairwise(losses):
        gain = earlier - later
        assert gain.mean() > -SIGMAS * gain.std() / math.sqrt(len(gain))
    assert losses[0].mean() > losses[-1].mean()


def test_extremes_are_exact(pushes: dict[str, Any]) -> None:
    never = pushes["cause"] == "no pusher"
    failed = pushes["cause"] == "failed"
    assert never.any()
    assert failed.any()
    assert all((pushes[column][never] == 0).all() for column in COLUMNS)
    assert all((pushes[column][failed] == 0).all() for column in COLUMNS[3:])
    assert (pushes["p_shape"][failed] > 0).any()
    for cause in ("not servable", "evaluation failed"):
        assert (pushes["p_validation"][pushes["cause"] == cause] == 0).all()


def test_nothing_is_learned_of_chance(tmp_path: Path) -> None:
    found = truth(tmp_path / "corpus", PROFILES["chance"])
    assert all((found[column] == 0.5).all() for column in COLUMNS)
    assert set(found["cause"]) == {"manual", "nobody pushed"}


def test_drift_is_known_once_the_data_is_there(tmp_path: Path) -> None:
    found = truth(tmp_path / "corpus", PROFILES["drift"])
    assert all((found[column] == found["pushed"]).all() for column in COLUMNS[1:])
    assert log_loss(found["p_before"], found["pushed"]).mean() > 0.2
    assert 0.1 < found["pushed"].mean() < 0.9


def test_policy_is_known_before_but_for_when_the_verdict_comes(tmp_path: Path) -> None:
    found = truth(tmp_path / "corpus", PROFILES["policy"])
    gained = log_loss(found["p_before"], found["pushed"]).mean()
    gained -= log_loss(found["p_validation"], found["pushed"]).mean()
    assert 0 < gained < 0.015
    assert set(np.unique(found["p_validation"]).round(3)) <= {0.0, 0.12, 1.0}
    # How long training takes matters where the wait after a push is nearly over.
    certain = np.isin(found["p_before"].round(3), [0.0, 0.12, 1.0])
    assert certain.mean() > 0.9


def test_code_is_known_once_the_shape_is(tmp_path: Path) -> None:
    found = truth(tmp_path / "corpus", PROFILES["code"])
    assert all(np.abs(found[column] - found["pushed"]).max() < 1e-6 for column in COLUMNS[2:])
    assert log_loss(found["p_data"], found["pushed"]).mean() > 0.1


def state(**what: Any) -> State:
    usual: dict[str, Any] = {
        "operators": frozenset({"Evaluator", "Pusher", "ExampleValidator"}),
        "settling": False,
        "effect": 0.0,
        "comes": False,
        "undecided": False,
        "code": False,
        "validates": None,
        "shuts": (0.0, 0.0),
        "cached": False,
    }
    return State(**usual | what)


@pytest.mark.parametrize("known", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("loud", [1, 2, 6])
def test_jumps_to_come_are_integrated(known: float, loud: int) -> None:
    profile = Profile(shock=0.7, anomalies=loud)
    found = Best(profile).cases(state(comes=True, effect=known, shuts=(0.9, 0.0)))
    rng = np.random.default_rng(0)
    jumps = np.abs(rng.normal(0, JUMP, 100_000)) * (rng.random(100_000) < 0.7)
    felt = np.maximum(known, [effect(jump) for jump in jumps])
    share = works(profile) * good(profile, profile.blessing + profile.blessing_drift * felt)
    shut = 0.9 * (np.round(jumps * 2) >= loud)
    assert found.weights.sum() == pytest.approx(1)
    assert found.mean_fresh == pytest.approx(works(profile))
    assert found.mean_open == pytest.approx((share * (1 - shut)).mean(), abs=4e-3)


def test_noise_is_integrated() -> None:
    profile = Profile()
    noise = np.random.default_rng(0).normal(0, profile.blessing_noise, 200_000)
    for mean in (-3.0, 0.0, 1.1):
        drawn = (1 / (1 + np.exp(-mean - noise))).mean()
        assert good(profile, np.array([mean]))[0] == pytest.approx(drawn, abs=1e-3)


def test_a_change_that_may_come_counts_by_its_chance() -> None:
    profile = Profile(code_change=0.25, restructure=0.4, failure=0, blessing_noise=0)
    found = Best(profile).cases(state(undecided=True)).mean_open

    def share(code: float, structure: float) -> float:
        odds = profile.blessing + profile.blessing_code * code
        return 1 / (1 + math.exp(-odds - profile.blessing_structure * structure))

    def either(structure: float) -> float:
        return 0.75 * share(0, structure) + 0.25 * share(1, structure)

    # Of four changes one takes the evaluation away, and one brings a trial on a server.
    changed = (1 + (2 + profile.servable) * either(1)) / 4
    assert found == pytest.approx(0.6 * either(0) + 0.4 * changed)
    seen = Best(profile).cases(state(undecided=True, validates=False)).mean_open
    assert seen == pytest.approx(either(1))


def model(
    at: float, *, pushed: bool, known: float, chance: float = 0.5, asks: bool = False
) -> Model:
    return Model(
        run=0, verdict=at * DAY, push_end=at * DAY, pushed=pushed, known=known * DAY,
        soon=at * DAY, asks=asks, steps=((-math.inf, Pair(chance, chance)),), success=1.0,
    )  # fmt: skip


def test_a_push_to_come_shuts_the_door_by_its_chance() -> None:
    waiting = Waiting(Policy(math.nan, 1.0, None))
    waiting.add(model(9.5, pushed=True, known=9.6, chance=0.3))
    assert waiting.doors([(10 * DAY, 1.0)], 9.0 * DAY).fresh == 0
    assert waiting.doors([(10 * DAY, 1.0)], 9.0 * DAY).open == pytest.approx(0.7)
    assert waiting.doors([(11 * DAY, 1.0)], 9.0 * DAY) == Pair(0.0, 1.0)
    assert waiting.doors([(10 * DAY, 1.0)], 9.7 * DAY) == NOTHING


def test_what_was_pushed_since_tells_of_what_is_not_known() -> None:
    # The later one could not have been pushed after the other, which is still at work.
    waiting = Waiting(Policy(math.nan, 1.0, None))
    waiting.add(model(8.5, pushed=False, known=12))
    waiting.add(model(9.0, pushed=True, known=9.0))
    states = waiting._follow(9.5 * DAY, 9.5 * DAY, None)
    assert {pushes: weight for pushes, weight in states.items() if weight} == {(9.0 * DAY,): 1.0}


def test_what_ends_after_a_verdict_does_not_hold_it_up() -> None:
    waiting = Waiting(Policy(math.nan, 1.0, None))
    waiting.add(model(8.0, pushed=True, known=8.0))
    waiting.add(model(9.9, pushed=True, known=9.0))
    assert waiting.doors([(9.5 * DAY, 1.0)], 9.5 * DAY) == Pair(0.0, 1.0)
    assert waiting.doors([(10.5 * DAY, 1.0)], 9.5 * DAY) == NOTHING


def test_what_is_forgotten_is_no_push_that_a_verdict_asks_for() -> None:
    # The run that is still at work began before the second push, and is checked after the first.
    waiting = Waiting(Policy(math.nan, 1.0, None))
    waiting.add(model(9.0, pushed=True, known=9.0))
    waiting.add(model(10.5, pushed=True, known=10.5))
    waiting.add(model(9.5, pushed=False, known=12, chance=1.0))
    waiting.forget(int(11 * DAY))
    states = waiting._follow(11.2 * DAY, 11.1 * DAY, None)
    # It finds the first push too young, as it knows of no other.
    assert {pushes: weight for pushes, weight in states.items() if weight} == {(10.5 * DAY,): 1.0}
    assert waiting.doors([(11.2 * DAY, 1.0)], 11.1 * DAY) == NOTHING
    assert waiting._pushes == (9.0 * DAY, 10.5 * DAY)


def test_a_person_who_has_not_pushed_for_long_will_not() -> None:
    waiting = Waiting(Policy(1.0, -math.inf, 24.0))
    waiting.add(model(9.0, pushed=True, known=9.0))
    waiting.add(model(9.5, pushed=False, known=20, asks=True))
    # The next model finds the last push too old, unless the one in between is pushed before.
    early, late = (waiting.doors([(10.3 * DAY, 1.0)], now * DAY).fresh for now in (9.5, 10.2))
    pushed = 0.5 * (1 - math.exp(-0.8))
    assert early == pytest.approx(1 - pushed)
    still, then = 0.5 * math.exp(-0.7), 0.5 * math.exp(-0.8)
    assert late == pytest.approx(1 - (still - then) / (0.5 + still))


def test_who_was_never_pushed_has_waited_too_long() -> None:
    assert Waiting(Policy(3.0, 1.0, None)).doors([(0.0, 1.0)], 0.0) == Pair(1.0, 0.0)
    assert Waiting(Policy(math.nan, 1.0, None)).doors([(0.0, 1.0)], 0.0) == Pair(0.0, 1.0)


def run(*arguments: str) -> Any:
    register()
    return CliRunner().invoke(app, ["simulate", *arguments])


def test_profiles_are_named_and_explained() -> None:
    assert [one.value for one in Named] == list(PROFILES)
    said = run("--help").output
    assert all(f"\n    {name} " in said for name in PROFILES)
    assert "blessing_drift = -500.0" in run("--profile", "drift", "--defaults").output
    values = json.loads(run("--profile", "code", "--defaults", "--json").output)
    assert values["name"] == "code"
    assert Profile(**values["values"]) == PROFILES["code"]
    assert "drift" in run("--profile", "none").output
    assert name_of(Profile(shock=0.5)) == "other"


def test_a_corpus_says_of_which_profile_it_is(tmp_path: Path) -> None:
    said = run("--profile", "drift", "--pipelines", "2", "--days", "3", "--json",
               "--out", str(tmp_path / "corpus"))  # fmt: skip
    made = json.loads(said.output)
    assert made["profile"] == "drift"
    assert made["source"].startswith("simulated:2x3:0:drift:")
    written = json.loads((tmp_path / "corpus" / "truth" / "profile.json").read_text())
    assert written["name"] == "drift"
    assert Profile(**written["profile"]) == PROFILES["drift"]
