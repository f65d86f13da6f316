"""How a call ended, in one value."""

from dataclasses import dataclass
from typing import Final

from core.errors import CallRejected
from telephony.causes import meaning_of
from telephony.ports import EndReason, LegEnd

_HIS_WORD: Final = frozenset({EndReason.BUSY, EndReason.REJECTED})
"""What a person says by his phone; whatever else a phone refuses for is a fault of it, or of the way to it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """``reason`` and who ended it: caller, agent or system. ``status`` and ``cause`` (Q.850) are those by which
    somebody has refused who was called, 0 where nobody has.
    """

    reason: EndReason
    by: str
    status: int = 0
    cause: int = 0


FINISHED: Final = Verdict(EndReason.NORMAL, "system")


def of_leg(end: LegEnd, who: str) -> Verdict:
    """The verdict on a call that ended because the leg of ``who`` (caller or agent) did."""
    return Verdict(end.reason, "system" if end.by_us else who)


def of_refusal(refusal: CallRejected, who: str) -> Verdict:
    """The verdict on a call that ``who`` (agent or system) was to take."""
    reason = meaning_of(refusal.status, refusal.cause).reason
    return Verdict(reason, who if reason in _HIS_WORD else "system", refusal.status, refusal.cause or 0)
