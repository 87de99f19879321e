"""The node that a text means: by key, native id, name, or what one of them begins with."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING, Literal, TypeAlias

from lineage.analyses.rows import Row, fetch
from lineage.errors import NotFoundError
from lineage.load.names import Names
from lineage.load.rows import shared_key
from lineage.safe import shortened
from lineage.settings import Settings
from lineage_ingest.datasets import of_uri, shared_id, shared_parts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lineage.graph import Graph

Kind: TypeAlias = Literal["graphlet", "execution", "artifact", "pipeline", "run"]

_CANDIDATES = 10
_LONGEST = 200  # characters of what was asked for
_BEGINS = 3  # the tier of what only begins with the text


class Found(Row):
    """A node that a text may mean.

    Attributes:
        dataset: canonical name of the data set that it is a version of.
        written: when that version was (ms since 1970), -1 for a data set as such.
    """

    tier: int
    kind: Kind
    key: str
    name: str | None
    dataset: str | None
    written: int | None


QUERIES: dict[str, type[Row]] = {"show/find": Found}


def find(
    graph: Graph,
    text: str,
    kind: Kind | None = None,
    *,
    settings: Settings | None = None,
    newest: bool = False,
) -> Found:
    """The node that a text means: by key, else native id, else name, else what begins with it.

    A data set is found by every name that it has, by rule or because a source says so. Its name
    means the data set as such, where the graph holds that beside its versions.

    Args:
        graph: the graph.
        text: what the user gave.
        kind: which kind of node; without it a trainer's key means its graphlet.
        settings: with the rules that name data sets.
        newest: of a data set of which there are only versions, take the newest.

    Raises:
        NotFoundError: there is none, or several; the message lists them.
    """
    settings = settings or Settings()
    names = Names(settings.dataset_rules, settings.apart)
    found = _search(graph, names, text, kind)
    if not found or found[0].tier == _BEGINS:
        names.learn(graph)
        found = _search(graph, names, text, kind) or found
    best = _best(found)
    if len(best) > 1:
        best = _of_one_data_set(best, newest=newest)
    if len(best) == 1:
        return best[0]
    raise NotFoundError(_several(text, kind, best) if best else _none(text, kind))


def joined_by(graph: Graph, settings: Settings, dataset: str) -> list[str]:
    """The patterns of the rules that give what they match the name of a data set.

    Args:
        graph: with what sources say of names.
        settings: with the rules.
        dataset: the canonical name that it goes by.
    """
    if not settings.dataset_rules:
        return []
    names = Names(settings.dataset_rules, settings.apart)
    names.learn(graph)
    rules = settings.dataset_rules
    return [rule["pattern"] for rule in rules if names.resolve(rule["name"]) == dataset]


def _search(graph: Graph, names: Names, text: str, kind: Kind | None) -> list[Found]:
    parts = shared_parts(text)
    if parts is not None:  # an id that is the same in every source
        name = names.resolve(parts.name)
        wanted = shared_key(shared_id(name, parts.version, hint=parts.hint))
        return list(fetch(graph, "show/find", Found, wanted=wanted, dataset=None, kind=kind))
    name = names.resolve(of_uri(text) or text)
    return list(fetch(graph, "show/find", Found, wanted=text, dataset=name, kind=kind))


def _best(found: Sequence[Found]) -> list[Found]:
    best = [one for one in found if one.tier == found[0].tier]
    told = {one.key for one in best if one.kind == "graphlet"}
    # A trainer and its graphlet share a key; the graphlet tells more.
    return [one for one in best if one.kind == "graphlet" or one.key not in told]


def _of_one_data_set(best: list[Found], *, newest: bool) -> list[Found]:
    """Of several versions of one data set, the data set as such, else maybe the newest."""
    (name, *others) = {one.dataset for one in best}
    if name is None or others:
        return best
    whole = [one for one in best if one.key == shared_key(shared_id(name))]
    if whole or not newest:
        return whole or best
    return [max(best, key=lambda one: (one.written is not None, one.written or 0, one.key))]


def _none(text: str, kind: Kind | None) -> str:
    what = kind or "graphlet, execution, artifact, pipeline or run"
    return (
        f"no {what} has the key, id or name {shortened(repr(text), _LONGEST)}; "
        "`lineage report graphlets` and `lineage report pipelines` list some"
    )


def _several(text: str, kind: Kind | None, best: Sequence[Found]) -> str:
    """Keys are quoted as a shell needs them, to be pasted."""
    listed = ", ".join(f"{one.kind} {quote(one.key)}" for one in best[:_CANDIDATES])
    more = f" and {len(best) - _CANDIDATES} more" if len(best) > _CANDIDATES else ""
    how = "give the whole key" if kind else "give the whole key, and --kind if needed"
    return f"{shortened(repr(text), _LONGEST)} may be {listed}{more}; {how}"
