"""What the forms that agents fill in make of attempts that go on: it is asked when the talk ends.

A form may be finished between the end of the talk and the end of the attempt; then the attempt gets its result behind.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from campaigns.attempt import Result
from campaigns.facts import AttemptEnded
from campaigns.form_facts import AttemptResulted
from core.bus import Bus
from core.events import Event, Log

_REMEMBERED: Final = 1000
_WEIGHT: Final[Mapping[str, int]] = {Result.PARTIAL: 1, Result.COMPLETED: 2, Result.REFUSED: 2, Result.POSTPONED: 2}


def is_better(result: Result | None, before: str) -> bool:
    """Whether an attempt that is over with ``before`` gets ``result``: what was finished is not unfinished again."""
    return before != result and _WEIGHT.get(result or "", 0) >= max(1, _WEIGHT.get(before, 0))


def talked(_attempt: str) -> Result:
    """Where nobody fills in forms."""
    return Result.TALKED


@dataclass(frozen=True, slots=True)
class _Filled:
    result: Result
    agent: str


class FormResults:
    """By attempt, while it goes on; one for the whole house."""

    def __init__(self, bus: Bus, log: Log) -> None:
        self._filled: dict[str, _Filled] = {}
        self._ended: deque[str] = deque(maxlen=_REMEMBERED)
        self._log = log
        bus.subscribe(self._see)

    def put(self, attempt: str, result: Result | None, agent: str) -> bool:
        """By the form ``agent`` fills in ``attempt`` comes to ``result``; False where it is over already."""
        if attempt in self._ended:
            return False
        if result is None:
            self._filled.pop(attempt, None)
        else:
            self._filled[attempt] = _Filled(result, agent)
        return True

    def of(self, attempt: str) -> Result:
        """What it has come to: ``talked`` where no form says more."""
        filled = self._filled.get(attempt)
        return filled.result if filled is not None else Result.TALKED

    def _see(self, event: Event) -> None:
        it = event.fact
        if not isinstance(it, AttemptEnded):
            return
        self._ended.append(it.attempt)
        filled = self._filled.pop(it.attempt, None)
        if filled is not None and is_better(filled.result, it.result):
            late = AttemptResulted(it.attempt, it.campaign, it.contact, filled.result.value, filled.agent, late=True)
            self._log.post(event.call_id, late)
