"""Follows a live graph, and tells of the models that are worth stopping."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lineage.errors import GraphError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lineage.api import Lineage
    from lineage.waste.live import PushPrediction

WEBHOOK_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look at the graph found.

    Attributes:
        prediction: a model to stop, told once for each stage; None with a problem.
        problem: why the graph could not be looked at; told once until it can be again.
    """

    prediction: PushPrediction | None = None
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

    def look(self) -> Iterator[Seen]:
        """What is to be told now.

        A failing server is a problem that passes; a predictor that does not fit is an error.
        """
        try:
            found = self._lin.under_way(source=self._source, pipeline=self._pipeline)
        except GraphError as error:
            if not self._failing:
                yield Seen(problem=str(error))
            self._failing = True
            return
        self._failing = False
        present = {(one.key, one.stage.value) for one in found}
        self._told &= present
        for one in found:
            if one.stop and (one.key, one.stage.value) not in self._told:
                self._told.add((one.key, one.stage.value))
                yield Seen(prediction=one)

    def forget(self, prediction: PushPrediction) -> None:
        """Tell of it again the next time, as it did not reach whom it was for."""
        self._told.discard((prediction.key, prediction.stage.value))

    def follow(self, interval: float) -> Iterator[Seen]:
        """Look, wait, and so on for ever.

        Args:
            interval: seconds between two looks.
        """
        while True:
            yield from self.look()
            time.sleep(interval)


def post(url: str, prediction: PushPrediction) -> str | None:
    """Send a prediction to a webhook as JSON; what went wrong, without the address, or None."""
    import requests

    try:
        answer = requests.post(
            url,
            data=prediction.model_dump_json(),
            headers={"Content-Type": "application/json"},
            timeout=WEBHOOK_SECONDS,
        )
    except requests.RequestException as error:
        return f"the webhook cannot be reached ({type(error).__name__})"
    return None if answer.ok else f"the webhook answered {answer.status_code}"
