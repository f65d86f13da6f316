"""Doubles for the rooms over SIP: a stack that writes its commands down, requests as they come from the wire."""

from collections.abc import Callable

from core.bus import MemoryLog
from core.clock import VirtualClock
from core.errors import LegEnded
from core.ids import CountingEntropy, Ids
from telephony.audio import AudioRoom
from telephony.media.double import MediaDouble
from telephony.media.port import Address
from telephony.negotiation import SdpSide
from telephony.sip.digest import authorize, parse_challenge
from telephony.sip.guard import Guard
from telephony.sip.hop import Hop
from telephony.sip.message import Request
from telephony.sip.parser import parse_message
from telephony.sip.uri import SipUri

FAR = Address("192.0.2.9", 4000)
OURS = Hop("UDP", "192.0.2.1", 5060)


class StackDouble:
    """Takes ``SipStack``'s commands: ``done`` holds each as (name, arguments)."""

    def __init__(self) -> None:
        self.done: list[tuple[object, ...]] = []
        self.handlers: list[Callable[[object], None]] = []
        self.guard: Guard | None = None
        self.causes: dict[str, str] = {}
        self.warnings: dict[str, str] = {}
        self.mute: set[str] = set()
        """Sessions whose far end has not answered anything."""
        self.gone: set[str] = set()
        """Sessions whose far end has given up, which nobody above knows yet."""
        self.hosts = frozenset({OURS.host})
        self.host = OURS.host
        self.listens_everywhere = False
        self._count = 0

    def set_guard(self, guard: Guard) -> None:
        self.guard = guard

    def address(self, transport: str = "UDP") -> Hop:
        return Hop(transport, OURS.host, OURS.port)

    def reject(self, session: str, status: int, reason: str = "", headers: tuple[tuple[str, str], ...] = ()) -> None:
        """Causes of Q.850 are kept apart, in ``causes``, and warnings in ``warnings``."""
        self.causes[session] = dict(headers).get("Reason", "")
        self.warnings[session] = dict(headers).get("Warning", "")
        rest = tuple(item for item in headers if item[0] not in ("Reason", "Warning"))
        self.done.append(("reject", session, status, rest) if rest else ("reject", session, status))

    def reject_offer(self, session: str, status: int = 488, headers: tuple[tuple[str, str], ...] = ()) -> None:
        self.warnings[session] = dict(headers).get("Warning", "")
        self.done.append(("reject_offer", session, status))

    def accept(self, session: str, sdp: bytes) -> None:
        if session in self.gone:
            raise LegEnded("the call has ended")
        self.done.append(("accept", session, sdp))

    def answer_offer(self, session: str, sdp: bytes) -> None:
        if session in self.gone:
            raise LegEnded("the call has ended")
        self.done.append(("answer_offer", session, sdp))

    def hang_up(self, session: str, cause: int = 16) -> None:
        self.done.append(("hang_up", session) if cause == 16 else ("hang_up", session, cause))

    def heard(self, session: str) -> bool:
        return session not in self.mute

    def subscribe(self, handler: Callable[[object], None]) -> None:
        self.handlers.append(handler)

    def tell(self, event: object) -> None:
        """An event comes from the wire."""
        for handler in self.handlers:
            handler(event)

    def invite(self, target: Hop, uri: SipUri, from_: object, to: object, sdp: bytes, *rest: object) -> str:
        self._count += 1
        self.done.append(("invite", target, uri, from_, sdp))
        return f"s{self._count}"

    def request(self, target: Hop, method: str, *rest: object, **named: object) -> str:
        self._count += 1
        self.done.append((method, target, named))
        return f"k{self._count}"

    def __getattr__(self, name: str) -> Callable[..., None]:
        def take(*arguments: object, **named: object) -> None:
            self.done.append((name, *arguments, *named.values()))

        return take

    def names(self) -> list[object]:
        """The commands so far, without their arguments."""
        return [command[0] for command in self.done]


class Rooms:
    """What legs are made of, on doubles."""

    def __init__(self) -> None:
        self.clock = VirtualClock()
        self.ids = Ids(self.clock, CountingEntropy())
        self.log = MemoryLog(self.clock)
        self.media = MediaDouble()
        self.room = AudioRoom(self.media, self.ids)
        self.stack = StackDouble()


def far_side() -> SdpSide:
    """The far end's offers and answers."""
    return SdpSide(FAR, ("PCMA", "PCMU"), loopback=True)  # as our media double is


def held(sdp: bytes) -> bytes:
    """The description of somebody who puts us on hold."""
    return sdp.replace(b"a=sendrecv", b"a=sendonly")


def request(
    method: str = "INVITE",
    uri: str = "sip:4008001234@192.0.2.1",
    *,
    headers: str = "",
    user: str = "101",
    cseq: int = 1,
    call_id: str = "c1",
) -> Request:
    """A request as it comes from the wire; ``headers`` are lines that end with CRLF."""
    parsed = parse_message(
        (
            f"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5062;branch=z9hG4bKa{cseq}\r\nMax-Forwards: 70\r\n"
            f"From: <sip:{user}@192.0.2.1>;tag=t\r\nTo: <sip:{user}@192.0.2.1>\r\nCall-ID: {call_id}\r\n"
            f"CSeq: {cseq} {method}\r\n{headers}Content-Length: 0\r\n\r\n"
        ).encode()
    )
    assert isinstance(parsed, Request)
    return parsed


def proof(challenge: str, method: str, uri: str, user: str, password: str) -> str:
    """The Authorization line that meets a WWW-Authenticate value."""
    value = authorize(parse_challenge(challenge), method, uri, user, password, cnonce="0a4f113b")
    return f"Authorization: {value}\r\n"
