"""`POST /api/v1/advice`: what `lineage advise` answers, for steps that run elsewhere."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from lineage.errors import GraphError, LineageError, QueryError
from lineage.serve.problems import Refused, busy

if TYPE_CHECKING:
    from collections.abc import Callable

    from lineage.advise import Advice

THREADS = 4
WAITING = 64
RETRY_BUSY = 1
RETRY_GRAPH = 5
_log = logging.getLogger("lineage.serve")


class Asked(BaseModel):
    """A question for advice.

    Attributes:
        operator: native type, as executions have it.
        code_version: as executions have it; none means unknown.
        parameters: as executions have them as properties.
        inputs: by role, an artifact or several in order: its key, or `digest:` and its digest, or
            its native id where `source` is given.
        node: the node or task name.
        pipeline: the pipeline that asks.
        source: of the inputs that are named by native id.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    operator: str = Field(description="Native type, as executions have it")
    code_version: str | None = Field(None, description="Version of its code")
    parameters: dict[str, Any] = Field({}, description="Its parameters, by name")
    inputs: dict[str, str | list[str]] = Field({}, description="What it reads, by role")
    node: str | None = Field(None, description="Node or task name")
    pipeline: str | None = Field(None, description="The pipeline that asks")
    source: str | None = Field(None, description="Source of native ids")

    def arguments(self) -> dict[str, Any]:
        """The arguments of `Lineage.advise`."""
        return {name: getattr(self, name) for name in type(self).model_fields}


class Adviser:
    """Answers in a few threads, so that questions do not hold up events.

    Args:
        advise: answers one.
    """

    def __init__(self, advise: Callable[[Asked], Advice]) -> None:
        self._advise = advise
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="advice")
        self._asked = 0

    async def answer(self, value: Any) -> bytes:
        """The answer as JSON.

        Args:
            value: the question, parsed.

        Raises:
            Refused: it is no question, too many wait, or the graph does not answer.
        """
        asked = _question(value)
        if self._asked >= WAITING:
            raise busy("busy", "too many questions wait; ask again", RETRY_BUSY)
        self._asked += 1
        try:
            found = await asyncio.get_running_loop().run_in_executor(
                self._pool, self._advise, asked
            )
        except QueryError as error:
            raise Refused(422, "invalid-question", str(error)) from None
        except GraphError as error:
            _log.debug("no advice: %s", error)
            raise busy("graph-down", "the graph does not answer; ask again", RETRY_GRAPH) from None
        except LineageError as error:
            raise Refused(422, "invalid-question", str(error)) from None
        finally:
            self._asked -= 1
        return found.model_dump_json().encode()

    def close(self) -> None:
        """Answer nothing more."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _question(value: Any) -> Asked:
    try:
        return Asked.model_validate(value)
    except ValidationError as error:
        wrong = [{"path": _path(one["loc"]), "reason": one["msg"]} for one in error.errors()[:100]]
        raise Refused(422, "invalid-question", "no question that can be answered", wrong) from None


def _path(parts: tuple[int | str, ...]) -> str:
    return "$" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
