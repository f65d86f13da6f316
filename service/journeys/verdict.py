"""How a call ended, in one value."""

from dataclasses import dataclass

from telephony.ports import EndReason


@dataclass(frozen=True, slots=True)
class Verdict:
    """``reason`` and who ended it: caller, agent or system."""

    reason: EndReason
    by: str


HUNG_UP_BY_AGENT = Verdict(EndReason.NORMAL, "agent")
FINISHED = Verdict(EndReason.NORMAL, "system")
