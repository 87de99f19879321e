"""Asking someone else, such as the lineage graph, what was computed already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from lineage.recorder.store import OutputStore

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lineage.recorder.call import Call
    from lineage.recorder.known import Known


class Advice(Protocol):
    """What an advisor says."""

    @property
    def known(self) -> bool:
        """Whether this was computed before."""

    @property
    def outputs(self) -> Sequence[Mapping[str, Any]]:
        """What it wrote: `uri` and `digest` of each."""


class Advisor(Protocol):
    """Knows of computations that the store at hand does not know."""

    def advise(
        self,
        operator: str,
        code_version: str | None,
        parameters: Mapping[str, Any],
        inputs: Sequence[Mapping[str, Any]],
    ) -> Advice:
        """Whether an operator was run before on this.

        Args:
            operator: its native type.
            code_version: of its code.
            parameters: canonical forms by name.
            inputs: `role`, `index` and `digest` of each, the digest None where it has none.
        """


def advised(advisor: Advisor, call: Call, mine: OutputStore) -> tuple[Known, OutputStore] | None:
    """What another store on this machine holds of a computation, by advice.

    The advice is believed only as far as it can be checked: that store has to know the computation
    by the same key, and the digests have to agree.
    """
    inputs = [
        {"role": one.role, "index": one.index, "digest": one.output.digest} for one in call.reads
    ]
    advice = advisor.advise(call.operator.type, call.code_version, call.parameters, inputs)
    if not advice.known:
        return None
    for output in advice.outputs:
        place = OutputStore.at(str(output.get("uri") or ""))
        if place is None or place[1] != call.key or place[0] == mine.folder:
            continue
        store = mine.beside(place[0])
        known = store.known(call.key)
        if known is not None and store.holds(known) and _agree(known, advice.outputs):
            return known, store
    return None


def _agree(known: Known, outputs: Sequence[Mapping[str, Any]]) -> bool:
    told = {one.get("digest") for one in outputs}
    return all(one.digest in told for one in known.outputs)
