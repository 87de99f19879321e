"""What goes with a model not being pushed: factor by factor, robust to pipelines being alike.

A difference of shares is the slope of a regression of "pushed" on "the factor is high", with errors
that are robust to clusters (A. C. Cameron, D. L. Miller, *A Practitioner's Guide to Cluster-Robust
Inference*, Journal of Human Resources 50(2), 2015). The size of an effect without a scale is
Cliff's delta (N. Cliff, *Dominance Statistics*, Psychological Bulletin 114(3), 1993). P-values of
all factors are corrected after S. Holm, Scandinavian Journal of Statistics 6(2), 1979.

A factor that goes with pushes need not be their cause.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from lineage.errors import MissingExtraError, WasteError
from lineage.waste.evaluate import auc
from lineage.waste.results import Result
from lineage.waste.stages import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Factor:
    """What may go with a push.

    Attributes:
        name: of its column.
        kind: number or flag.
        direction: what is expected of a high value: 1 more pushes, -1 fewer, 0 nothing.
        says: what it is, with its unit.
    """

    name: str
    kind: Kind
    direction: int
    says: str


class Effect(Result):
    """What goes with a factor.

    Attributes:
        factor: its name.
        says: what it is.
        graphlets: for which it is known.
        clusters: pipelines that those are of.
        median: numbers are high above it; None for a flag, which is high when it is set.
        low: graphlets where it is low, or no.
        high: graphlets where it is high, or yes.
        pushed_low: share of pushed ones where it is low.
        pushed_high: share of pushed ones where it is high.
        difference: percentage points, high minus low.
        interval: 95 %, of the difference.
        p_value: that there is no difference.
        p_corrected: after Holm, over all factors that were looked at.
        delta: Cliff's delta: chance that a pushed graphlet has a higher value than one that was
            not pushed, minus the chance of the reverse.
        expected: 1 more pushes, -1 fewer, 0 nothing.
        as_expected: whether the difference has the expected sign; None when none was expected.
    """

    factor: str
    says: str
    graphlets: int
    clusters: int
    median: float | None
    low: int
    high: int
    pushed_low: float
    pushed_high: float
    difference: float
    interval: tuple[float, float]
    p_value: float
    p_corrected: float
    delta: float
    expected: int
    as_expected: bool | None


class LeftOut(Result):
    """A factor of which nothing can be said.

    Attributes:
        factor: its name.
        reason: why.
    """

    factor: str
    reason: str


class Factors(Result):
    """All factors.

    Attributes:
        effects: those with the smallest p-values first.
        left_out: the others.
    """

    effects: tuple[Effect, ...]
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True, eq=False)
class _Known:
    """Graphlets for which a factor is known."""

    values: NDArray[np.float64]
    pushed: NDArray[np.bool_]
    clusters: NDArray[np.int64]


def factors(
    given: Sequence[Factor],
    columns: Mapping[str, NDArray[Any]],
    pushed: NDArray[np.bool_],
    clusters: NDArray[np.int64],
) -> Factors:
    """Compare push rates where each factor is low and high.

    Args:
        given: the factors.
        columns: (n,) values by name; NaN where unknown.
        pushed: (n,) labels of graphlets whose fate is known.
        clusters: (n,) numbers of pipelines.

    Raises:
        MissingExtraError: statsmodels is not installed.
        WasteError: there is no column of a factor.
    """
    _statsmodels()
    effects: list[Effect] = []
    left_out: list[LeftOut] = []
    for factor in given:
        found = _one(factor, columns, pushed, clusters)
        if isinstance(found, Effect):
            effects.append(found)
        else:
            left_out.append(LeftOut(factor=factor.name, reason=found))
    corrected = _holm([effect.p_value for effect in effects])
    whole = [
        effect.model_copy(update={"p_corrected": value})
        for effect, value in zip(effects, corrected, strict=True)
    ]
    whole.sort(key=lambda effect: (effect.p_value, -abs(effect.delta), effect.factor))
    return Factors(effects=tuple(whole), left_out=tuple(left_out))


def _one(
    factor: Factor,
    columns: Mapping[str, NDArray[Any]],
    pushed: NDArray[np.bool_],
    clusters: NDArray[np.int64],
) -> Effect | str:
    """What goes with a factor, or why nothing can be said."""
    if factor.kind is Kind.CATEGORY:
        return "categories have no high and low"
    if factor.name not in columns:
        raise WasteError(f"there is no column for factor {factor.name}; add it, or leave it out")
    values = columns[factor.name].astype(np.float64)
    seen = ~np.isnan(values)
    known = _Known(values[seen], pushed[seen], clusters[seen])
    if not seen.any():
        return "known for no graphlet"
    if known.values.min() == known.values.max():
        return f"always {known.values[0]:g}"
    if len(np.unique(known.clusters)) < 2:
        return "known in one pipeline only"
    if known.pushed.all() or not known.pushed.any():
        return "known only where all were pushed" if known.pushed.any() else "none was pushed"
    return _effect(factor, known)


def _effect(factor: Factor, known: _Known) -> Effect:
    high, median = _high(factor, known.values)
    difference, interval, p_value = _slope(known, high)
    delta = 2 * (auc(known.values, known.pushed) or 0.5) - 1
    return Effect(
        factor=factor.name,
        says=factor.says,
        graphlets=len(high),
        clusters=len(np.unique(known.clusters)),
        median=median,
        low=int((~high).sum()),
        high=int(high.sum()),
        pushed_low=float(known.pushed[~high].mean()),
        pushed_high=float(known.pushed[high].mean()),
        difference=difference,
        interval=interval,
        p_value=p_value,
        p_corrected=p_value,
        delta=delta,
        expected=factor.direction,
        as_expected=difference * factor.direction > 0 if factor.direction else None,
    )


def _high(factor: Factor, values: NDArray[np.float64]) -> tuple[NDArray[np.bool_], float | None]:
    """Where a factor is high; both sides have some, as its values are not all the same."""
    if factor.kind is Kind.FLAG:
        return values > 0.5, None
    median = float(np.median(values))
    high = values > median
    # When over half have the largest value, it is the others that are special.
    return (high if high.any() else values >= median), median


def _slope(known: _Known, high: NDArray[np.bool_]) -> tuple[float, tuple[float, float], float]:
    """Difference in percentage points, its interval, and the p-value, robust to clusters."""
    design = np.stack((np.ones(len(high)), high), axis=1)
    groups = np.unique(known.clusters, return_inverse=True)[1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # no spread at all gives a division by zero
        # Student's t with clusters - 1 degrees of freedom: a normal one promises too much.
        result = (
            _statsmodels()
            .OLS(known.pushed.astype(np.float64), design)
            .fit(cov_type="cluster", cov_kwds={"groups": groups}, use_t=True)
        )
        low, top = result.conf_int()[1].tolist()
        slope, p_value = float(result.params[1]), float(result.pvalues[1])
    if not np.isfinite(p_value):  # every cluster shows the very same difference
        p_value = 1.0 if abs(slope) < 1e-12 else 0.0
        low = top = slope
    return 100 * slope, (100 * low, 100 * top), p_value


def _holm(values: list[float]) -> list[float]:
    if not values:
        return []
    from statsmodels.stats.multitest import multipletests

    corrected: list[float] = multipletests(values, method="holm")[1].tolist()
    return corrected


def _statsmodels() -> Any:
    try:
        from statsmodels.regression import linear_model
    except ImportError:
        raise MissingExtraError(
            "what goes with pushes needs statsmodels, which is not installed; "
            "pip install 'lineage-graphlets[waste]'"
        ) from None
    return linear_model
