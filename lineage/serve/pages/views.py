"""The pages of nodes, from the graph: each in a few bounded questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lineage.analyses.rows import fetch
from lineage.analyses.simulated import is_simulated
from lineage.errors import NotFoundError
from lineage.serve.pages.addresses import address, of_node
from lineage.serve.pages.model import (
    Image,
    Link,
    Listed,
    NodePage,
    TrainerNode,
    Waste,
)
from lineage.serve.pages.walk import walk
from lineage.show import Item, Node
from lineage.waste.service import model_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from lineage.find import Kind
    from lineage.graph import Graph
    from lineage.serve.pages.addresses import Question
    from lineage.settings import Settings

LISTED = 50
"""Items of a list, and of one page of a list."""

LOOKED_AT = 10_000
"""Items that are sorted to find the first of them."""

NEAR = 20
NEIGHBOURS = 1_000
_NODES = 50
_WASTE_MODELS = 200
_WASTE_EXECUTIONS = 10_000
# Numbers for machines, thousands of them.
_LEFT_OUT = ("feature_names", "feature_kinds", "feature_weights", "feature_hashes")


def node_page(graph: Graph, settings: Settings, kind: Kind, asked: Question) -> NodePage:
    """The page of a node.

    Args:
        graph: to be read.
        settings: say where the predictor of pushes is.
        kind: what it is.
        asked: names its key, and what of it to show.

    Raises:
        NotFoundError: no node of this kind has this key.
        Refused: the question cannot be understood.
    """
    key = asked.key()
    properties = _properties(graph, kind, key)
    source = properties.get("source")
    found = NodePage(
        kind=kind,
        key=key,
        name=properties.get("full_name") or properties.get("name") or key,
        source=source,
        simulated=source is not None and is_simulated(graph, source),
        properties=properties,
    )
    return found.model_copy(update=_MORE[kind](graph, settings, key, asked))


def _properties(graph: Graph, kind: Kind, key: str) -> dict[str, Any]:
    rows = list(fetch(graph, "show/node", Node, label=kind.capitalize(), key=key))
    if not rows:
        raise NotFoundError(f"no {kind} has the key {key!r}")
    return {name: value for name, value in rows[0].properties.items() if name not in _LEFT_OUT}


def _pipeline(graph: Graph, _: Settings, key: str, asked: Question) -> dict[str, Any]:
    nodes = fetch(graph, "pages/pipeline_nodes", TrainerNode, key=key, limit=_NODES, most=LOOKED_AT)
    waste = fetch(
        graph, "pages/pipeline_waste", Waste,
        key=key, models=_WASTE_MODELS, most=_WASTE_EXECUTIONS,
    )  # fmt: skip
    told = tuple(nodes)
    image = Image(
        address=address("/pipeline/timeline.svg", key=key),
        says="its models over time",
        page=address("/pipeline/timeline", key=key),
    )
    return {
        "nodes": told,
        "waste": tuple(waste),
        "images": (image,) if told else (),
        "lists": (
            _paged(graph, "graphlets", "pages/pipeline_graphlets", "models", asked),
            _paged(graph, "runs", "pages/pipeline_runs", "runs", asked),
        ),
    }


def _graphlet(graph: Graph, settings: Settings, key: str, asked: Question) -> dict[str, Any]:
    image = Image(
        address=address("/graphlet/picture.svg", key=key),
        says="what made the model, and what was done with it",
        page=address("/graphlet/picture", key=key),
    )
    links = []
    if model_path(settings).exists():
        links = [Link(address=address("/graphlet/prediction", key=key), says="will it be pushed?")]
    links.append(Link(address=of_node("execution", key) or "", says="its training"))
    members = _paged(graph, "members", "pages/graphlet_members", "members", asked)
    return {
        "images": (image,),
        "lists": (*_near(graph, "graphlet", key), members),
        "links": tuple(links),
    }


def _run(graph: Graph, _: Settings, key: str, asked: Question) -> dict[str, Any]:
    executions = _paged(graph, "executions", "pages/run_executions", "executions", asked)
    return {"lists": (*_near(graph, "run", key), executions)}


def _flow(kind: Kind) -> Callable[[Graph, Settings, str, Question], dict[str, Any]]:
    def more(graph: Graph, _: Settings, key: str, asked: Question) -> dict[str, Any]:
        depth = asked.depth()
        walks = (walk(graph, key, "upstream", depth), walk(graph, key, "downstream", depth))
        return {"lists": tuple(_near(graph, kind, key)), "walks": walks}

    return more


_NEAR: Mapping[Kind, str] = {
    "run": "pages/near_run",
    "graphlet": "pages/near_graphlet",
    "execution": "pages/near_execution",
    "artifact": "pages/near_artifact",
}

_MORE: Mapping[Kind, Callable[[Graph, Settings, str, Question], dict[str, Any]]] = {
    "pipeline": _pipeline,
    "run": _run,
    "graphlet": _graphlet,
    "execution": _flow("execution"),
    "artifact": _flow("artifact"),
}


def _near(graph: Graph, kind: Kind, key: str) -> Iterator[Listed]:
    """What is around a node, without pages."""
    for row in graph.stream(_NEAR[kind], key=key, limit=NEAR, most=NEIGHBOURS):
        items, total = tuple(Item(**one) for one in row["items"]), row["total"]
        # What was not counted may go on where the list is full.
        more = len(items) >= NEAR if total is None else total > len(items)
        yield Listed(title=row["branch"], items=items, total=total, more=more)


def _paged(graph: Graph, title: str, query: str, name: str, asked: Question) -> Listed:
    """A page of a list; its place stands in the address under a name of its own."""
    key, skip = asked.key(), asked.skip(name)
    rows = graph.run(query, key=key, skip=skip, limit=LISTED + 1, most=LOOKED_AT)
    row = rows[0] if rows else {"items": [], "total": None}
    items = tuple(Item(**one) for one in row["items"][:LISTED])
    more = len(row["items"]) > LISTED
    later = skip + LISTED if more and skip + LISTED <= LOOKED_AT else None
    earlier = max(0, skip - LISTED) if skip else None
    return Listed(
        title=title,
        items=items,
        total=row["total"],
        more=more,
        earlier=None if earlier is None else _at(asked.path, key, name, earlier),
        later=None if later is None else _at(asked.path, key, name, later),
    )


def _at(path: str, key: str, name: str, skip: int) -> str:
    return address(path, key=key, **{name: skip})
