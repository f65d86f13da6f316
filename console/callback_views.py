"""Promises to call customers back, as the API tells them, and what may be asked of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class CallbackTryView:
    """One try, in call ``call_id``, by ``agent``; ``result`` "" while it goes on, else reached, busy, no_answer, …;
    ``ended_at`` is when that was known.
    """

    call_id: str
    agent: str
    started_at: float
    ended_at: float | None
    result: str = ""
    status: int = 0


@dataclass(frozen=True, slots=True)
class CallbackView:
    """Whoever called in ``call_id`` is to be called back at ``number``. ``state``: waiting (stands in the line of
    ``queue``), resting (until ``again_at``, 0: no certain time), dialled, open (one of the first two) or ended.
    ``agent`` is who tried last, ``outcome`` reached, unreached, expired, cancelled or merged, ``by`` whose wish that
    was. ``made`` is filled in the page of a call.
    """

    id: str
    queue: str
    number: str
    call_id: str
    promised_at: float
    expires_at: float
    state: str
    tries: int
    again_at: float = 0.0
    agent: str = ""
    outcome: str = ""
    by: str = ""
    ended_at: float | None = None
    made: list[CallbackTryView] = field(default_factory=list)


class CallbackControl(Protocol):
    """Customers who are to be called back. ``by`` is the account that asks."""

    def callbacks(self) -> Sequence[CallbackView]:
        """Those who still are, the oldest promise first."""
        ...

    def cancel(self, callback: str, by: str) -> bool:
        """Nobody is to be called any more; False where there is no such promise."""
        ...

    def hasten(self, callback: str, by: str) -> bool:
        """Try it now, before everybody; False where there is none, ``LocalProtocolError`` where it is being tried."""
        ...
