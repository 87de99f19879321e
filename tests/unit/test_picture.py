"""Pictures without a server: what is folded, where nodes stand, what is written and escaped."""

from __future__ import annotations

import random
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from support.chromium import ARGUMENTS, CHROMIUM, needs_chromium
from support.pictures import EVIL, check_dot, check_mermaid, picture_of, titles, window

from lineage.errors import PictureError
from lineage.picture import colors
from lineage.picture import layout as places
from lineage.picture.canvas import fitted
from lineage.picture.fold import fold
from lineage.picture.layout import HEIGHT, WIDTH, layout
from lineage.picture.model import Edge, Node
from lineage.records import ArtifactClass, OperatorClass

if TYPE_CHECKING:
    from pathlib import Path

    from lineage.picture import Picture


def random_picture(seed: int, size: int = 40) -> Picture:
    """Executions and artifacts at random, with edges to themselves and cycles."""
    rng = random.Random(seed)
    nodes = [
        Node(
            key=f"n{at}",
            kind=rng.choice(["execution", "artifact"]),
            class_=rng.choice(["analysis", "other"]),
            type=rng.choice("abc"),
            name=f"node {at}",
            role=rng.choice(["ancestor", "ancestor", "descendant", "outside"]) if at else "trainer",
            cost=rng.choice([None, 2.0]),
            cost_unit="s",
        )
        for at in range(size)
    ]
    pairs = {(rng.randrange(size), rng.randrange(size)) for _ in range(rng.randrange(2 * size))}
    return picture_of(nodes, [Edge(start=a, end=b, type="INPUT") for a, b in sorted(pairs)])


def test_a_small_picture_is_left_alone() -> None:
    small = window(2)
    assert fold(small) is small
    assert small.folding() is None


def test_what_is_repeated_is_one_node() -> None:
    folded = fold(window(300))
    found = {node.name: node for node in folded.nodes}
    assert {node.count for node in folded.nodes} == {1, 300}
    assert found["Gen"].cost == 300 * 60.0
    assert found["Examples"].holders == (1, 300)
    assert [edge.count for edge in folded.edges if edge.count > 1] == [300] * 4
    assert folded.settled
    assert folded.folding() == (
        "folded: 1,200 nodes that are alike are drawn as 4; costs are their sums"
    )


def test_what_is_different_stays_apart() -> None:
    whole = window(300)
    # The statistics of one span are read by the trainer, those of the others are not.
    stats = next(at for at, node in enumerate(whole.nodes) if node.name == "stats 7")
    trainer = next(at for at, node in enumerate(whole.nodes) if node.role == "trainer")
    changed = replace(whole, edges=(*whole.edges, Edge(start=stats, end=trainer, type="INPUT")))
    names = {node.name for node in fold(changed).nodes}
    assert {"stats 7", "statgen 7", "span 7", "gen 7"} <= names
    one_failed = replace(whole, nodes=(replace(whole.nodes[0], state="FAILED"), *whole.nodes[1:]))
    assert sum(node.failed for node in fold(one_failed).nodes) == 1


@pytest.mark.parametrize("seed", range(25))
def test_folding_keeps_what_can_be_walked(seed: int) -> None:
    whole = random_picture(seed)
    folded = fold(whole, most=30)
    assert sum(node.count for node in folded.nodes) == len(whole.nodes)
    assert sum(edge.count for edge in folded.edges) == len(whole.edges)
    assert sum(node.cost or 0 for node in folded.nodes) == sum(n.cost or 0 for n in whole.nodes)
    assert [node.role for node in folded.nodes].count("trainer") == 1
    deeper = fold(whole, most=len(whole.nodes) - 1)
    assert len(deeper.nodes) >= len(folded.nodes)
    if deeper.settled:  # no longer foldable: each node is alike to itself alone
        again = fold(replace(deeper, depth=None), most=0)
        assert len(again.nodes) <= len(deeper.nodes)


def test_too_many_kinds_are_still_drawn() -> None:
    nodes = [
        Node(key=f"{at}", kind="artifact", class_="other", type=f"t{at}", name="x", role="ancestor")
        for at in range(9_000)
    ]
    folded = fold(picture_of(nodes, []))
    assert [node.title for node in folded.nodes] == ["9,000 \u00d7 other"]
    assert "9,000 nodes that are of one class and role are drawn as 1" in folded.svg()


@pytest.mark.parametrize("seed", range(25))
def test_nodes_stand_apart_and_data_flows_right(seed: int) -> None:
    drawn = random_picture(seed)
    found = layout(drawn)
    assert set(found.centres) == set(range(len(drawn.nodes)))
    boxes = sorted(
        (x - WIDTH[drawn.nodes[at].kind] / 2, x + WIDTH[drawn.nodes[at].kind] / 2, y)
        for at, (x, y) in found.centres.items()
    )
    for place, (_, right, y) in enumerate(boxes):
        for left, _, other in boxes[place + 1 :]:
            assert left >= right or abs(y - other) >= HEIGHT
    assert all(
        left >= 0 and right <= found.width and y + HEIGHT / 2 <= found.height
        for left, right, y in boxes
    )
    left, top, wide, high = found.frame
    for at, (x, y) in found.centres.items():
        within = left < x < left + wide and top < y < top + high
        assert within is drawn.nodes[at].inside
    assert layout(drawn) == found


def test_a_chain_runs_from_left_to_right() -> None:
    nodes = [
        Node(key=f"{at}", kind="execution", class_="other", type=None, name="x", role="ancestor")
        for at in range(400)
    ]
    edges = [Edge(start=at, end=at + 1, type="INPUT") for at in range(399)]
    far = Edge(start=0, end=399, type="INPUT")
    found = layout(picture_of(nodes, [*edges, far]))
    across = [found.centres[at][0] for at in range(400)]
    assert all(left < right for left, right in pairwise(across))
    assert len(found.bends[0, 399]) == 398


def test_nothing_but_what_is_outside() -> None:
    node = Node(key="a", kind="artifact", class_="span", type=None, name="a", role="boundary")
    assert ET.fromstring(picture_of([node], []).svg()) is not None
    assert ET.fromstring(picture_of([], []).svg()) is not None


def test_too_many_to_draw(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "MOST", 100)
    with pytest.raises(PictureError, match=r"1,203 nodes .* leave --all away"):
        window(300).svg()
    assert check_dot(window(300).dot()) == 1_203


def test_too_entangled_to_draw() -> None:
    nodes = [
        Node(key=f"{at}", kind="execution", class_="other", type=None, name="x", role="ancestor")
        for at in range(1_000)
    ]
    pairs = {(at, at + 1) for at in range(999)} | {(0, at) for at in range(1, 1_000)}
    edges = [Edge(start=start, end=end, type="INPUT") for start, end in sorted(pairs)]
    with pytest.raises(PictureError, match="too entangled"):
        picture_of(nodes, edges).svg()


def test_colours_are_those_of_browser() -> None:
    assert colors.of_node("execution", "training").fill == "#C62828"
    assert colors.of_node("execution", "evaluation") != colors.of_node("artifact", "evaluation")
    assert colors.of_node("artifact", "of its own") == colors.of_node("artifact", None)
    assert colors.of_relationship("REFERENCE") == "#C0A16B"
    assert colors.of_relationship("none of ours") == "#A5ABB6"
    for kind, classes in (("execution", OperatorClass), ("artifact", ArtifactClass)):
        for class_ in classes:
            assert all(re.fullmatch("#[0-9A-F]{6}", one) for one in colors.of_node(kind, class_))


def test_every_node_is_in_every_form() -> None:
    drawn = window(3)
    said = titles(drawn.svg())
    assert [one.splitlines()[0] for one in said] == [node.name for node in drawn.nodes]
    assert "shared by 3 graphlets" in drawn.svg()
    assert check_mermaid(drawn.mermaid()) == check_dot(drawn.dot()) == len(drawn.nodes)
    page = drawn.html()
    assert drawn.svg() in page
    assert len(page) < 100_000


def test_what_names_hold_is_only_text() -> None:
    drawn = window(2, name=EVIL)
    root = ET.fromstring(drawn.svg())
    assert not [one for one in root.iter() if one.tag.rpartition("}")[2] == "script"]
    assert "<script>" not in drawn.svg().replace("&lt;script&gt;", "")
    assert len(re.findall("<script", drawn.html())) == 2
    assert "\u202e" not in drawn.html() + drawn.mermaid() + drawn.dot()
    assert check_mermaid(drawn.mermaid()) == check_dot(drawn.dot()) == len(drawn.nodes)
    for form in (drawn.svg(), drawn.mermaid(), drawn.dot()):
        assert len(form) < 60_000  # every name has 10,000 signs
        assert form.encode()


@needs_chromium
def test_no_name_becomes_a_script(tmp_path: Path) -> None:
    api = pytest.importorskip("playwright.sync_api", reason="needs the Python package playwright")
    file, said = tmp_path / "page.html", []
    file.write_text(window(2, name=EVIL).html(), "utf-8")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("request", lambda request: said.append(request.url))
        page.goto(file.as_uri())
        page.locator("svg .n").first.click()
        told = page.locator("#said").inner_text()
        ran = page.evaluate("window.pwned")
        browser.close()
    assert (ran, said) == (None, [file.as_uri()])
    assert told.startswith("</script><script>window.pwned=1")


def test_a_name_is_cut_where_its_parts_end() -> None:
    assert fitted("a/long/path/to/examples:0", 14) == "\u2026to/examples:0"
    assert fitted("pipeline:examples", 20) == "pipeline:examples"
    assert fitted("x" * 30, 9) == "xxxx\u2026xxxx"
    assert fitted("a:" + "y" * 30, 9) == "\u2026" + "y" * 8


def test_notebooks_show_it() -> None:
    assert window(2)._repr_svg_() == window(2).svg()
