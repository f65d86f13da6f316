"""How a call ended, in one value."""

from dataclasses import dataclass

from telephony.ports import EndReason, LegEnd


@dataclass(frozen=True, slots=True)
class Verdict:
    """``reason`` and who ended it: caller, agent or system."""

    reason: EndReason
    by: str


FINISHED = Verdict(EndReason.NORMAL, "system")


def of_leg(end: LegEnd, who: str) -> Verdict:
    """The verdict on a call that ended because the leg of ``who`` (caller or agent) did."""
    return Verdict(end.reason, "system" if end.by_us else who)
