"""Follows a live graph, and tells of the models that are worth stopping."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from lineage.errors import GraphError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lineage.api import Lineage
    from lineage.waste.live import PushPrediction

WEBHOOK_SECONDS = 10
_MOST_WAITING = 10_000


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at the graph found.

    Attributes:
        stop: models to stop, each told once for each stage.
        problem: why the graph could not be looked at; told once until it can be again.
    """

    stop: tuple[PushPrediction, ...] = ()
    problem: str | None = None


class Watch:
    """Looks again and again; a model that is to be stopped is told once at each stage."""

    def __init__(
        self, lin: Lineage, *, source: str | None = None, pipeline: str | None = None
    ) -> None:
        """Watch a graph, or a part of it."""
        self._lin, self._source, self._pipeline = lin, source, pipeline
        self._told: set[tuple[str, str]] = set()
        self._failing = False

    def look(self) -> Look:
        """What is to be told now.

        A failing server is a problem that passes; a predictor that does not fit is an error.
        """
        try:
            found = self._lin.under_way(source=self._source, pipeline=self._pipeline)
        except GraphError as error:
            told, self._failing = self._failing, True
            return Look(problem=None if told else str(error))
        self._failing = False
        new = [one for one in found if one.stop and _step(one) not in self._told]
        self._told = (self._told & {_step(one) for one in found}) | {_step(one) for one in new}
        return Look(stop=tuple(new))

    def follow(self, interval: float) -> Iterator[Look]:
        """Look, wait, and so on for ever.

        Args:
            interval: seconds between two looks.
        """
        while True:
            yield self.look()
            time.sleep(interval)


class Webhook:
    """Posts models to stop; what could not be delivered waits for the next time."""

    def __init__(self, url: str) -> None:
        """Nothing is sent yet.

        Raises:
            SettingsError: it is no address of the web.
        """
        if not _is_address(url):
            raise SettingsError("the webhook is no address; give one like https://example.org/hook")
        self._url = url
        self._waiting: dict[tuple[str, str], PushPrediction] = {}

    def send(self, found: Iterable[PushPrediction]) -> str | None:
        """Post these as JSON, after those that still wait.

        One that does not answer is asked once and not for each, so that it holds nobody up.

        Returns:
            What went wrong, without the address, which may be a secret; None if nothing did.
        """
        self._waiting |= {_step(one): one for one in found}
        for step in list(self._waiting)[:-_MOST_WAITING]:
            del self._waiting[step]
        for step, prediction in list(self._waiting.items()):
            problem = self._post(prediction)
            if problem is not None:
                return problem
            del self._waiting[step]
        return None

    def _post(self, prediction: PushPrediction) -> str | None:
        import requests

        try:
            answer = requests.post(
                self._url,
                data=prediction.model_dump_json(),
                headers={"Content-Type": "application/json"},
                timeout=WEBHOOK_SECONDS,
                allow_redirects=False,  # a post that is sent elsewhere becomes a get
            )
        except requests.RequestException as error:
            return f"the webhook cannot be reached ({type(error).__name__})"
        done = 200 <= answer.status_code < 300
        return None if done else f"the webhook answered {answer.status_code}"


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _step(prediction: PushPrediction) -> tuple[str, str]:
    return prediction.key, prediction.stage.value
