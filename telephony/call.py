"""A call as the log sees it: started once, answered at most once, ended once with one verdict."""

from collections.abc import Sequence

from core.events import Log
from telephony.facts import CallAnswered, CallDiverted, CallEnded, CallStarted
from telephony.ports import EndReason
from telephony.sip.identity import Diversion


class Call:
    """Posts a call's own facts and makes sure that each is said once. It holds no legs: journeys do."""

    def __init__(self, call_id: str, log: Log) -> None:
        self.id = call_id
        self._log = log
        self._answered = False
        self._ended = False

    def started(self, *, direction: str, ani: str, dnis: str, trunk: str = "") -> None:
        """The call exists."""
        self._log.post(self.id, CallStarted(direction, ani, dnis, trunk))

    def diverted(self, diversions: Sequence[Diversion]) -> None:
        """It was sent on to us (the latest first); nothing is said where it was not."""
        if diversions:
            first, last = diversions[-1], diversions[0]
            self._log.post(self.id, CallDiverted(first.number, last.number, last.reason, len(diversions)))

    def answered(self) -> None:
        """Someone answered; later answers of the same call are legs' matters."""
        if not self._answered:
            self._answered = True
            self._log.post(self.id, CallAnswered())

    def ended(self, reason: EndReason, *, by: str, status: int = 0) -> None:
        """The verdict; the first one stands."""
        if not self._ended:
            self._ended = True
            self._log.post(self.id, CallEnded(reason.value, by, status))
