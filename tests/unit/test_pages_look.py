"""Pages without a graph: what is on them is text, and stays so."""

from __future__ import annotations

import pytest

from lineage.serve.pages import look
from lineage.serve.pages.addresses import Question, of_node
from lineage.serve.pages.model import Prediction
from lineage.serve.pages.sessions import Sessions
from lineage.serve.pages.sign_in import _local
from lineage.serve.problems import Refused
from lineage.waste.live import PushPrediction, Reason
from lineage.waste.stages import STAGES

KEY = b"0123456789abcdef"


def test_prediction() -> None:
    reason = Reason.model_construct(**dict.fromkeys(Reason.model_fields, "<b>"))
    found = PushPrediction.model_construct(
        key="demo#execution/1", pipeline="p", node="n", stage=STAGES[0], pushed=False, open=True,
        probability=0.25, threshold=0.5, stop=True, reasons=(), spent=60.0, to_spend=None,
        cost_unit="s",
    )  # fmt: skip
    told = found.model_dump(mode="json") | {"reasons": [dict(reason)]}
    page = Prediction(key=found.key, prediction=told)
    text = look.render(
        "prediction.html", page=page, keyed=False, shut=False, json="/x", wanted=""
    ).decode()
    assert "25.0 %" in text
    assert "stop it" in text
    assert "&lt;b&gt;" in text
    assert "<b>" not in text


def test_policy_allows_the_style_that_is_on_the_page() -> None:
    assert "'sha256-" in look.policy()
    assert "unsafe" not in look.policy()
    assert "script" not in look.policy()


def test_cookies_hold_for_their_key_and_time(monkeypatch: pytest.MonkeyPatch) -> None:
    sessions = Sessions((KEY,))
    value = sessions.made(KEY)
    assert sessions.holds({b"cookie": b"a=b; lineage=" + value.encode()})
    assert not Sessions((b"another key of 16",)).holds({b"cookie": b"lineage=" + value.encode()})
    later = str(int(value.partition(".")[0]) + 1) + "." + value.partition(".")[2]
    for wrong in (later, "", "x", value[:-1], "1." + value.partition(".")[2], "\u00e9." + value):
        assert not sessions.holds({b"cookie": b"lineage=" + wrong.encode()})
    monkeypatch.setattr("time.time", lambda: int(value.partition(".")[0]) + 1)
    assert not sessions.holds({b"cookie": b"lineage=" + value.encode()})


@pytest.mark.parametrize(
    "away", ["//evil", "/\\evil", "https://evil", "/a b", "/\r\nx: y", "", "/sign-in?next=x"]
)
def test_signing_in_leads_to_pages_of_this_host(away: str) -> None:
    assert _local(away) == "/"
    assert _local("/run?key=a%23b") == "/run?key=a%23b"


def test_keys_survive_addresses() -> None:
    key = "a%23#run/ü&=?+ /\u202e"
    to = of_node("run", key)
    assert to is not None
    path, _, raw = to.partition("?")
    asked = Question(path, raw.encode())
    assert asked.key() == key
    assert asked.as_json().endswith("&format=json")
    with pytest.raises(Refused):
        Question("/run", b"key=%ff")
    with pytest.raises(Refused):
        Question("/run", b"key=" + b"x" * 9_000).key()
