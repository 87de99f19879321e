"""What a store of limited size keeps: what saves most time for each byte.

The benefit of keeping a computation's outputs is the time that it takes to make them again, less
that to read them, for each time they were asked for. To make them again, whatever led to them and
is not kept either has to be made first, each thing once. This is the rule of the literature
(Derakhshan et al., SIGMOD 2020, without its term for the models' quality; HYPPO, ICDE 2024) with
measured times, applied greedily: the one that saves least goes first, and the others are weighed
anew, since what led to them is no longer kept.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from lineage.recorder.known import Known


def victims(
    held: Mapping[str, Known],
    known: Callable[[str], Known | None],
    uses: Callable[[str], int],
    max_bytes: int,
) -> list[str]:
    """Which computations' outputs have to go.

    Args:
        held: what is kept, by key.
        known: finds what is known of a computation, kept or not.
        uses: how often its outputs were asked for.
        max_bytes: that what stays may take.

    Returns:
        Keys, the first to go first.
    """
    left = dict(held)
    size = sum(one.bytes for one in left.values())
    gone = []
    while size > max_bytes:
        worst = min(left, key=lambda key: (_benefit(left[key], left, known, uses), key))
        size -= left.pop(worst).bytes
        gone.append(worst)
    return gone


def recreation(
    one: Known, held: Mapping[str, Known], known: Callable[[str], Known | None]
) -> float:
    """Seconds to make outputs again, with all that led to them and is not held; each thing once."""
    seconds, seen, ahead = one.seconds, {one.key}, list(one.parents)
    while ahead:
        key = ahead.pop()
        if key in seen:
            continue
        seen.add(key)
        parent = held.get(key)
        if parent is not None:
            seconds += parent.load_seconds
        elif (parent := known(key)) is not None:
            seconds += parent.seconds
            ahead += parent.parents
    return seconds


def _benefit(
    one: Known,
    held: Mapping[str, Known],
    known: Callable[[str], Known | None],
    uses: Callable[[str], int],
) -> float:
    """Seconds saved for each byte."""
    saved = max(0.0, recreation(one, held, known) - one.load_seconds)
    return (1 + uses(one.key)) * saved / max(1, one.bytes)
