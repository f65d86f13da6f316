"""Flows that a phone opens and keeps open, RFC 5626, as its registrar sees them: which phone, which of its flows; and
our own, where a carrier takes them.

A phone behind NAT cannot be called where its Contact says, only by the way that it came. So its registration is known
by ``+sip.instance`` and ``reg-id`` instead of the Contact: after a new connection it replaces the old one at once.
"""

from dataclasses import dataclass
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from core.errors import ParseError
from telephony.sip.address import NameAddress
from telephony.sip.grammar import parse_count, quote
from telephony.sip.hop import TLS, WEB, Hop
from telephony.sip.message import Request, Response
from telephony.sip.routing import hop_of, seems_natted
from telephony.sip.uri import SipUri

FLOW_TIMER_S: Final = 120
"""§5.4: how often the phone is to ping on a connection at least."""
MAX_REG_ID: Final = 2**31 - 1
MAX_FLOW_TIMER_S: Final = 3600
_MAX_INSTANCE: Final = 200


@dataclass(frozen=True, slots=True)
class Flow:
    """One way to one phone."""

    instance: str
    reg_id: int

    @property
    def key(self) -> str:
        """What tells it from other registrations of the same agent; no URI can look like it."""
        return f"{self.reg_id} {self.instance}"

    def __str__(self) -> str:
        """As Contact parameters."""
        return f";+sip.instance={quote(self.instance)};reg-id={self.reg_id}"


def flow_of(request: Request, contact: NameAddress) -> Flow | None:
    """The flow that a REGISTER asks for with ``contact`` (§6); None where it asks for none. ``ParseError`` for a reg-id
    that is none.

    Deviation: what came through a proxy is a registration like any other, where §6 has 439: phones take the answer
    without ``Require: outbound`` as such, and 439 as a failure.
    """
    instance, reg_id = contact.params.get("+sip.instance"), contact.params.get("reg-id")
    if not instance or reg_id is None or len(instance) > _MAX_INSTANCE or len(request.vias) > 1:
        return None
    offered = {option.strip().lower() for line in request.headers.get_all("Supported") for option in line.split(",")}
    if "outbound" not in offered:
        return None
    number = parse_count(reg_id, MAX_REG_ID)
    if number < 1:
        raise ParseError("reg-id counts from 1")
    return Flow(instance, number)


def answer_headers(*, any_flow: bool) -> tuple[tuple[str, str], ...]:
    """What a 200 to REGISTER says where flows were taken (§6)."""
    return (("Require", "outbound"), ("Flow-Timer", str(FLOW_TIMER_S))) if any_flow else ()


def own_flow(account: str) -> Flow:
    """Ours with a carrier: the instance is the same after every restart (§4.1), for it is made from the account."""
    return Flow(f"<{uuid5(NAMESPACE_URL, account).urn}>", 1)


def flow_timer_of(response: Response) -> int:
    """How often the carrier wants to hear of us on the flow that it has taken (§4.4), in seconds; 0 where it does not
    say, or nothing that can be read.
    """
    try:
        return parse_count((response.headers.get("Flow-Timer") or "0").strip(), MAX_FLOW_TIMER_S)
    except ParseError:
        return 0


def after_loss(uri: SipUri, lost: Hop, flow: Flow | None, *, by_us: bool = False) -> Hop | None:
    """Where a phone is reached when its connection ``lost`` is gone; None where it is not until it comes again.

    An older phone may take connections where its Contact says, unless that is an address behind NAT. By TLS it would
    need a certificate that we trust (RFC 5626 §1), so that is tried only where it was ``by_us``, by a restart.
    """
    if flow is not None or lost.transport in WEB or (lost.transport == TLS and not by_us):
        return None
    if "ob" in uri.params or seems_natted(uri, lost):
        return None
    return hop_of(uri, lost)
