"""A house with a carrier and two agents' phones behind a real endpoint, for those who try to get past its door."""

from dataclasses import dataclass
from ipaddress import ip_network

from core.events import Fact
from telephony.defence import Defence, DefenceSettings, Network
from telephony.doorkeeper import Admitted, Doorkeeper
from telephony.incidents import Incidents
from telephony.registrar import Registrar
from telephony.sip.digest import authorize, parse_challenge
from telephony.sip.digest_server import DigestServer
from telephony.sip.endpoint import Endpoint
from telephony.sip.events import Invited, Requested
from telephony.sip.hop import Hop
from telephony.sip.message import Response
from telephony.sip.parser import parse_message
from telephony.sip.settings import SipSettings
from telephony.trunk import TrunkBook, TrunkSettings

NOW = 1_700_000_000.0
US = Hop("UDP", "192.0.2.1", 5060)
CARRIER = Hop("UDP", "203.0.113.5", 5060)
PHONE = Hop("UDP", "198.51.100.4", 6000)
STRANGER = Hop("UDP", "198.51.100.66", 5070)
PASSWORDS = {"101": "correct horse", "102": "battery staple"}
REGISTRAR = "sip:192.0.2.1"
DIALLED = "sip:4008001234@192.0.2.1"


def networks(*texts: str) -> tuple[Network, ...]:
    return tuple(ip_network(text) for text in texts)


@dataclass(frozen=True)
class Sent:
    """What left the house."""

    data: bytes
    to: Hop

    @property
    def status(self) -> int:
        message = parse_message(self.data)
        return message.status if isinstance(message, Response) else 0

    def header(self, name: str) -> str:
        return parse_message(self.data).headers.get(name) or ""


class House:
    """``give`` hands a datagram in and returns what is sent because of it; ``rest`` lets time pass."""

    def __init__(
        self,
        settings: DefenceSettings | None = None,
        sip: SipSettings | None = None,
        algorithms: tuple[str, ...] = ("MD5",),
    ) -> None:
        self.facts: list[Fact] = []
        self.now = NOW
        self.admitted: list[Admitted] = []
        digest = DigestServer("line400", b"0" * 16, algorithms=algorithms)
        self.registrar = Registrar(digest, PASSWORDS)
        self.defence = Defence(settings, Incidents(self.facts.append))
        digest.bound_to = self.defence.nonce_source
        trunks = TrunkBook([TrunkSettings("carrier", CARRIER.host)])
        self.keeper = Doorkeeper(trunks, self.registrar, digest, PASSWORDS, self.defence)
        self._count = 0
        self.endpoint = Endpoint([US], entropy=self._entropy, settings=sip)
        self.endpoint.set_guard(self.keeper)

    def _entropy(self, size: int) -> bytes:
        self._count += 1
        return self._count.to_bytes(size, "big")

    def give(self, data: bytes, source: Hop = STRANGER) -> list[Sent]:
        self.endpoint.receive(data, source, self.now)
        return self._serve()

    def rest(self, seconds: float) -> list[Sent]:
        """All that is sent by itself meanwhile."""
        until, sent = self.now + seconds, self._serve()
        while (at := self.endpoint.next_deadline()) is not None and at <= until:
            self.now = max(self.now, at)
            self.endpoint.on_deadline(self.now)
            sent += self._serve()
        self.now = until
        return sent

    def _serve(self) -> list[Sent]:
        """As the switchboard does."""
        while (event := self.endpoint.next_event()) is not None:
            match event:
                case Requested(key=key, request=request, source=source):
                    reply = self.keeper.answer(request, source, self.now)
                    self.endpoint.answer_request(key, self.now, reply.status, reply.headers)
                case Invited(session=session, request=request, source=source):
                    verdict = self.keeper.admit(request, source, self.now)
                    if isinstance(verdict, Admitted):
                        self.admitted.append(verdict)
                    else:
                        self.endpoint.reject(session, self.now, verdict.status, headers=verdict.headers)
        return [Sent(packet.data, packet.destination) for packet in self.endpoint.outgoing()]

    def challenged(self, method: str = "REGISTER", source: Hop = STRANGER) -> str:
        """The challenge that ``source`` gets."""
        uri = REGISTRAR if method == "REGISTER" else DIALLED
        (answer,) = self.give(wire(method, uri), source)
        assert answer.status == 401
        return answer.header("WWW-Authenticate")

    def register(self, user: str, password: str, source: Hop = STRANGER, challenge: str = "") -> list[Sent]:
        """A REGISTER with a proof."""
        line = proof(challenge or self.challenged(source=source), "REGISTER", REGISTRAR, user, password)
        host = f"[{source.host}]" if ":" in source.host else source.host
        contact = f"Contact: <sip:{user}@{host}:{source.port}>;expires=600\r\n"
        return self.give(wire("REGISTER", REGISTRAR, line + contact, user=user), source)

    def named(self, kind: type[Fact]) -> list[Fact]:
        return [fact for fact in self.facts if isinstance(fact, kind)]


_serial = iter(range(1, 1_000_000_000))


def wire(
    method: str = "INVITE",
    uri: str = DIALLED,
    headers: str = "",
    *,
    user: str = "101",
    to_tag: str = "",
    body: str = "",
) -> bytes:
    """A request of a transaction of its own."""
    number = next(_serial)
    kind = "Content-Type: application/sdp\r\n" if body else ""
    contact = "" if "Contact:" in headers else "Contact: <sip:x@198.51.100.66:5070>\r\n"
    return (
        f"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP 198.51.100.66:5070;branch=z9hG4bK{number};rport\r\n"
        f"Max-Forwards: 70\r\nFrom: <sip:{user}@192.0.2.1>;tag=f{number}\r\n"
        f"To: <sip:{user}@192.0.2.1>{';tag=' + to_tag if to_tag else ''}\r\nCall-ID: c{number}\r\n"
        f"CSeq: 1 {method}\r\n{contact}{headers}{kind}Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


def proof(challenge: str, method: str, uri: str, user: str, password: str, nc: int = 1) -> str:
    """The Authorization line that meets a challenge."""
    value = authorize(parse_challenge(challenge), method, uri, user, password, cnonce="0a4f113b", nc=nc)
    return f"Authorization: {value}\r\n"
