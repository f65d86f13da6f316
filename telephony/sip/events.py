"""What the SIP endpoint tells the rooms above: neutral, frozen, in the order in which it became true.

A session is one call as SIP sees it: it begins with ``Invited`` or with the id that ``Endpoint.invite`` returns. It
ends with exactly one of ``Refused``, ``Cancelled``, ``HungUp`` or ``TimedOut``, or with our own ``hang_up`` or
``reject``, after which no event of that session follows any more.
"""

from dataclasses import dataclass
from typing import TypeAlias

from telephony.sip.address import NameAddress
from telephony.sip.hop import Hop
from telephony.sip.message import Request, Response
from telephony.sip.refer import ReferTo


@dataclass(frozen=True, slots=True)
class Invited:
    """A peer calls. ``offer`` is its SDP, or None where it wants ours (late offer). 100 Trying has been sent.

    ``replaces`` where it is to take the place of a call that is up, or of one of ours that rings (RFC 3891).
    """

    session: str
    request: Request
    source: Hop
    offer: bytes | None
    replaces: "Replaced | None" = None


@dataclass(frozen=True, slots=True)
class Replaced:
    """What an INVITE with Replaces names: the ``session``, or "" and the ``status`` to refuse it with once it is known
    who asks (RFC 3891 §3). ``early_only``: not once that has been answered (486).
    """

    session: str
    status: int = 0
    early_only: bool = False


@dataclass(frozen=True, slots=True)
class Progressed:
    """Our INVITE got a provisional answer above 100; ``sdp`` where it carries early media's answer."""

    session: str
    status: int
    sdp: bytes | None


@dataclass(frozen=True, slots=True)
class Answered:
    """Our INVITE was answered with 200.

    If we had offered, ``sdp`` is the answer (None where it came with a provisional response or not at all) and ACK has
    been sent. If our INVITE had no SDP, ``sdp`` is the peer's offer: give the answer by ``Endpoint.accept_late``, which
    sends the ACK.
    """

    session: str
    sdp: bytes | None


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A peer's INVITE that we accepted got its ACK: the call is up on both sides."""

    session: str


@dataclass(frozen=True, slots=True)
class LateAnswer:
    """The ACK of a peer that invited without SDP carried this answer to our offer."""

    session: str
    sdp: bytes


@dataclass(frozen=True, slots=True)
class Refused:
    """Our INVITE was refused with ``status``; ``cause`` is Q.850 where a Reason header gave it (RFC 3326). The
    ``contacts`` of a 3xx name where else to call. ``unreachable``: nobody has said so, it could not even be sent.
    """

    session: str
    status: int
    reason: str
    cause: int | None = None
    contacts: tuple[NameAddress, ...] = ()
    unreachable: bool = False


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The peer gave up its INVITE before we answered (487 has been sent)."""

    session: str


@dataclass(frozen=True, slots=True)
class HungUp:
    """The peer ended an answered call by BYE, or lost it (481 or 408 in the dialog); ``cause`` is Q.850 if given."""

    session: str
    cause: int | None = None


@dataclass(frozen=True, slots=True)
class Offered:
    """The peer asks for a change by re-INVITE or UPDATE; None where it wants our offer.

    Reply by ``Endpoint.answer_offer`` or ``reject_offer``.
    """

    session: str
    sdp: bytes | None


@dataclass(frozen=True, slots=True)
class OfferWithdrawn:
    """The peer took its ``Offered`` back before our reply (CANCEL of a re-INVITE): what held before holds."""

    session: str


@dataclass(frozen=True, slots=True)
class OfferAnswered:
    """The answer to our ``reoffer``, or to the offer that we gave in ``answer_offer`` to a re-INVITE without SDP."""

    session: str
    sdp: bytes


@dataclass(frozen=True, slots=True)
class OfferRefused:
    """Our ``reoffer`` was refused: what held before holds."""

    session: str
    status: int


@dataclass(frozen=True, slots=True)
class RefreshWanted:
    """The session must show that it lives, and its peer takes no UPDATE: ``reoffer`` what holds now (RFC 4028 §7.4)."""

    session: str


@dataclass(frozen=True, slots=True)
class DigitInfo:
    """A key (``0-9*#A-D``) came by INFO."""

    session: str
    digit: str


@dataclass(frozen=True, slots=True)
class Referred:
    """The peer wants to be rid of the call: whoever it is with is to be connected with ``target`` (REFER, RFC 3515).

    Reply by ``Endpoint.accept_referral`` or ``refuse_referral`` with ``key``, then tell how it goes by
    ``report_referral``.
    """

    session: str
    key: str
    target: ReferTo


@dataclass(frozen=True, slots=True)
class Requested:
    """A request outside of any dialog (REGISTER, OPTIONS) waits for ``Endpoint.answer_request`` with ``key``."""

    key: str
    request: Request
    source: Hop


@dataclass(frozen=True, slots=True)
class Responded:
    """The final answer to ``Endpoint.request``; 408 or 503 without ``response`` if it timed out or was unreachable."""

    key: str
    status: int
    response: Response | None


@dataclass(frozen=True, slots=True)
class TimedOut:
    """The peer fell silent: no answer to our INVITE (timer B), or no ACK to our 200 (64·T1; BYE has been sent)."""

    session: str


SipEvent: TypeAlias = (
    Invited
    | Progressed
    | Answered
    | Confirmed
    | LateAnswer
    | Refused
    | Cancelled
    | HungUp
    | Offered
    | OfferWithdrawn
    | OfferAnswered
    | OfferRefused
    | RefreshWanted
    | DigitInfo
    | Referred
    | Requested
    | Responded
    | TimedOut
)
