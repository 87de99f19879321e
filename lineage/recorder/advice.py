"""Asking someone else, such as the lineage graph, what was computed already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from lineage.recipes import DIGEST
from lineage.recorder.store import OutputStore

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lineage.recorder.call import Call
    from lineage.recorder.known import Known
    from lineage.records import Properties


class AdvisedOutput(Protocol):
    """What was written."""

    @property
    def uri(self) -> str | None:
        """Where it is."""

    @property
    def digest(self) -> str | None:
        """Of its content."""


class Advice(Protocol):
    """What an advisor says; `lineage.advise.Advice` is one."""

    @property
    def known(self) -> bool:
        """Whether this was computed before."""

    @property
    def outputs(self) -> Sequence[AdvisedOutput]:
        """What it wrote."""


class Advisor(Protocol):
    """Knows of computations that the store at hand does not know; `Lineage` is one."""

    def advise(
        self,
        operator: str,
        code_version: str | None,
        parameters: Properties,
        inputs: Mapping[str, Sequence[str]],
    ) -> Advice:
        """Whether an operator was run before on this.

        Args:
            operator: its native type.
            code_version: of its code.
            parameters: canonical forms by name.
            inputs: by role, in order: `digest:` and the digest of each.
        """


def advised(advisor: Advisor, call: Call, mine: OutputStore) -> tuple[Known, OutputStore] | None:
    """What another store on this machine holds of a computation, by advice.

    The advice is believed only as far as it can be checked: that store has to know the computation
    by the same key, and the digests have to agree.
    """
    inputs: dict[str, list[str]] = {}
    for one in sorted(call.reads, key=lambda read: (read.role, read.index or 0)):
        if one.output.digest is None:
            return None  # nobody else can know what it is
        inputs.setdefault(one.role, []).append(f"{DIGEST}{one.output.digest}")
    advice = advisor.advise(call.operator.type, call.code_version, call.parameters, inputs)
    if not advice.known:
        return None
    for output in advice.outputs:
        place = OutputStore.at(str(output.uri or ""))
        if place is None or place[1] != call.key or place[0] == mine.folder:
            continue
        store = mine.beside(place[0])
        known = store.known(call.key)
        if known is not None and store.holds(known) and _agree(known, advice.outputs):
            return known, store
    return None


def _agree(known: Known, outputs: Sequence[AdvisedOutput]) -> bool:
    told = {one.digest for one in outputs}
    return all(one.digest in told for one in known.outputs)
