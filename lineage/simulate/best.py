"""What is the best possible prediction that a model will be pushed: of one model, by the rules.

The simulator knows its own rules, and so the chance of a push given all that is decided at a stage
(those of `lineage.waste.stages`). No predictor that sees no more than that can do better, except
by luck. Here are the checks of one model; how it waits for the pushes of models before it is in
`lineage.simulate.waiting`, and both are put together in `lineage.simulate.forecast`.

Exact up to quadrature (below 1e-4 for the default profile), with one simplification: structure is
taken to be seen from what ran only where the validation of data is concerned.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from lineage.simulate.data import JUMP

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from lineage.simulate.profile import Profile

    Array = NDArray[np.float64]

CHANGING = ("Evaluator", "Transform", "InfraValidator", "ExampleValidator")
"""What a change of structure adds or takes away."""
_CALM = 0.25  # bins; a jump below is none
_FULL = 2.0  # bins; a jump above does no more harm
_NOISE, _NOISE_WEIGHTS = np.polynomial.hermite_e.hermegauss(64)
_NOISE_WEIGHTS = _NOISE_WEIGHTS / _NOISE_WEIGHTS.sum()
_POINTS, _POINT_WEIGHTS = np.polynomial.legendre.leggauss(8)


class State(NamedTuple):
    """What of a run is decided at a stage and bears on its models.

    Attributes:
        operators: of the pipeline; before a change that may come, if one may.
        settling: whether a change of structure is felt, if no other comes.
        effect: of the largest jump in the window that is known, see `effect`.
        comes: whether the jump of a new span is still to be drawn.
        undecided: whether new code and structure are.
        code: whether the code is new, once decided.
        validates: whether the pipeline validates examples, where that was seen; else None.
        shuts: chance that anomalies shut the gate, if examples are validated and if not; where a
            jump comes, only if that is large enough.
        cached: whether the transform is, unless the code is new.
    """

    operators: frozenset[str]
    settling: bool
    effect: float
    comes: bool
    undecided: bool
    code: bool
    validates: bool | None
    shuts: tuple[float, float]
    cached: bool


class Cases(NamedTuple):
    """What may become of a trained model, case by case; shape (cases,), and means over them.

    Attributes:
        weights: chance of each case; they sum to 1.
        fresh: chance that a Pusher would get the model of a pipeline whose last push is too old.
        open: and of one that may push what is good.
        mean_fresh: the mean.
        mean_open: the mean.
    """

    weights: Array
    fresh: Array
    open: Array
    mean_fresh: float
    mean_open: float


class Chances(NamedTuple):
    """That a model is pushed, given all that is decided at each stage."""

    before: float
    data: float
    shape: float
    training: float
    validation: float


NEVER = Chances(0.0, 0.0, 0.0, 0.0, 0.0)


def effect(jump: float) -> float:
    """How far a jump of so many bins is felt, from 0 to 1."""
    return min(1.0, jump / _FULL) if jump > _CALM else 0.0


def log_odds(profile: Profile, felt: float, code: float, structure: float) -> float:
    """Of a good model, without what cannot be explained."""
    return (
        profile.blessing
        + profile.blessing_drift * felt
        + profile.blessing_code * code
        + profile.blessing_structure * structure
    )


def good(profile: Profile, mean: Array) -> Array:
    """Chance of a good model, from the mean of its log odds; Gauss-Hermite over the noise."""
    # As tanh, as exp(-x) overflows.
    odds = mean[:, None] + profile.blessing_noise * _NOISE
    found: Array = (0.5 + 0.5 * np.tanh(0.5 * odds)) @ _NOISE_WEIGHTS
    return found


def works(profile: Profile) -> float:
    """Chance that an operator ends well, at the first or the second try."""
    right = 1 - profile.failure
    return right + profile.failure * profile.retry * right


def is_loud(profile: Profile, jump: float) -> bool:
    """Whether validation finds enough in a jump to shut the gate."""
    return anomalies(jump) >= profile.anomalies


def anomalies(jump: float) -> int:
    """That validation finds in data that jumped so many bins."""
    return round(abs(jump) * 2)


class Best:
    """Chances by the rules of a profile; what was calculated is kept, as few states differ."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self.works = works(profile)
        self._cases: dict[State, Cases] = {}

    def cases(self, state: State) -> Cases:
        """What may become of a model that is trained in such a run, the training gone well."""
        found = self._cases.get(state)
        if found is None:
            found = self._cases[state] = _cases(self.profile, state)
        return found


class Shape(NamedTuple):
    """Code and structure that a run may have.

    Attributes:
        chance: of them.
        kind: whether the code is new, plus twice whether a change of structure is felt.
        evaluates: whether models are evaluated.
        serves: chance that a trial on a server is passed.
        shuts: chance that anomalies shut the gate.
    """

    chance: float
    kind: int
    evaluates: bool
    serves: float
    shuts: float


def _cases(profile: Profile, state: State) -> Cases:
    """Shape by shape, jump by jump, gate open and gate shut."""
    felt, loud, chances = np.array([state.effect]), np.ones(1), np.ones(1)
    if state.comes:
        felt, loud, chances = _jumps(profile, state.effect)
    chance, kind, evaluates, serves, shuts = (
        np.array(one)[:, None] for one in zip(*_shapes(profile, state), strict=True)
    )
    fresh, blessed = _checks(profile, felt, kind.astype(int).ravel(), evaluates, serves)
    weights, shut = chance * chances, shuts * loud
    if shut.any():
        weights = np.concatenate([weights * (1 - shut), weights * shut])
        fresh = np.concatenate([fresh, fresh])
        blessed = np.concatenate([blessed, np.zeros_like(blessed)])
    weights, fresh, blessed = weights.ravel() / weights.sum(), fresh.ravel(), blessed.ravel()
    return Cases(weights, fresh, blessed, float(weights @ fresh), float(weights @ blessed))


def _shapes(profile: Profile, state: State) -> list[Shape]:
    structures = [(1.0, state.operators, state.settling)]
    codes = [(1.0, state.code)]
    if state.undecided:
        change = profile.restructure / len(CHANGING)
        structures = [(1 - profile.restructure, state.operators, state.settling)]
        structures += [(change, state.operators ^ {one}, True) for one in CHANGING]
        codes = [(1 - profile.code_change, False), (profile.code_change, True)]
    if state.validates is not None:
        seen = state.validates
        structures = [one for one in structures if ("ExampleValidator" in one[1]) is seen]
    right, found = works(profile), []
    for weight, operators, settling in structures:
        serves = right * min(1.0, max(0.0, profile.servable))
        serves = serves if "InfraValidator" in operators else 1.0
        shuts = state.shuts["ExampleValidator" not in operators]
        for chance, code in codes:
            # Where a transform fails, no trainer starts.
            bare = "Transform" not in operators or (state.cached and not code)
            there = weight * chance * (1.0 if bare else right)
            found.append(Shape(there, code + 2 * settling, "Evaluator" in operators, serves, shuts))
    return found


def _checks(
    profile: Profile, felt: Array, kind: NDArray[np.int64], evaluates: Array, serves: Array
) -> tuple[Array, Array]:
    """Chance that at most a missing blessing is against a model, and that nothing is.

    A blessing is asked for first, so that a model without it may be one that no server loads.

    Returns:
        Both of shape (shapes, jumps).
    """
    base = np.array([log_odds(profile, 0.0, code, structure)
                     for structure in (0.0, 1.0) for code in (0.0, 1.0)])  # fmt: skip
    odds = base[:, None] + profile.blessing_drift * felt
    share = good(profile, odds.ravel()).reshape(odds.shape)[kind]
    right = works(profile)
    blessed = np.where(evaluates, right * share, 1.0)
    unblessed = np.where(evaluates, right * (1 - share), 0.0)
    return blessed * serves + unblessed, blessed * serves


def _jumps(profile: Profile, known: float) -> tuple[Array, Array, Array]:
    """A span that comes: how far the larger of the jumps is felt, whether it is loud, chances.

    The range is cut where a rule changes. In a piece in which no chance depends on the jump, one
    point stands for all; in the others are those of Gauss and Legendre.
    """
    quiet = max(_CALM, _FULL * known)
    points, weights = [0.0], [1 - profile.shock]
    edges = sorted({0.0, _CALM, quiet, _FULL, (profile.anomalies - 0.5) / 2})
    for low, high in pairwise([*edges, math.inf]):
        if high <= quiet or low >= _FULL:
            points.append(low + 0.5 * min(1.0, high - low))
            weights.append(profile.shock * (_below(high) - _below(low)))
            continue
        half = (high - low) / 2
        at = low + half * (1 + _POINTS)
        points += at.tolist()
        weights += (profile.shock * half * _POINT_WEIGHTS * _density(at)).tolist()
    felt = [max(known, effect(point)) for point in points]
    loud = [float(is_loud(profile, point)) for point in points]
    return np.array(felt), np.array(loud), np.array(weights)


def _below(jump: float) -> float:
    """Chance of a smaller jump, of those that jump at all."""
    return math.erf(jump / (JUMP * math.sqrt(2)))


def _density(jump: Array) -> Array:
    found: Array = math.sqrt(2 / math.pi) / JUMP * np.exp(-0.5 * (jump / JUMP) ** 2)
    return found
