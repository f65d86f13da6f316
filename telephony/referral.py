"""What a phone of ours asks for by REFER, for whoever carries transfers out."""

from dataclasses import dataclass

from core.errors import LegEnded
from telephony.leg import SipLeg
from telephony.sip.stack import SipStack


@dataclass(frozen=True, slots=True)
class Referral:
    """The phone on ``leg`` wants to pass on whom it talks with: to ``number`` (blind), or to whom it talks with on
    ``other``, another leg of the same agent (attended).

    Answer by ``accept`` or ``refuse``, then ``report``; none of them is an error once the phone has hung up.
    """

    stack: SipStack
    session: str
    key: str
    leg: SipLeg
    number: str
    other: SipLeg | None = None

    def accept(self) -> None:
        """It will be tried."""
        if self.leg.end is None:
            self.stack.accept_referral(self.session, self.key)

    def refuse(self, status: int) -> None:
        """It will not be tried: 403 may not, 404 nobody there, 491 another one is under way, 603 not now."""
        if self.leg.end is None:
            self.stack.refuse_referral(self.session, self.key, status)

    def report(self, status: int) -> None:
        """How the call that it asked for goes; 200 and above once."""
        if self.leg.end is None:
            try:
                self.stack.report_referral(self.session, self.key, status)
            except LegEnded:
                return  # the far end was faster
