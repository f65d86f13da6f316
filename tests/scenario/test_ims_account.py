"""An account as carriers with IMS give it: a public identity of their domain in the URIs, another name that proves it,
a realm that is no host of ours to reach, and an outbound proxy by address. Every octet goes over loopback.
"""

import asyncio
import hashlib
import itertools
import re

import pytest

from core.errors import CallRejected
from service.registrations import Registrations
from service.supervisor import Supervisor
from telephony.doorkeeper import Doorkeeper
from telephony.phones import Phones
from telephony.registrar import Registrar
from telephony.sip.digest_server import DigestServer
from telephony.sip.endpoint import Endpoint
from telephony.sip.hop import Hop
from telephony.sip.message import Request, Response
from telephony.sip.parser import parse_message
from telephony.sip.service_route import service_route_of
from telephony.sip.stack import SipStack
from telephony.sip.uri import SipUri
from telephony.switchboard import Arrival, Switchboard
from telephony.trunk import TrunkBook, TrunkSettings
from telephony.trunk_identity import IdentityPolicy, Shown
from tests.scenario.test_header_hygiene import SDP, Wires
from tests.unit.telephony.doubles import Rooms

HOME = "ims.carrier.example"
PUBLIC, PRIVATE = "+8640012345", "+8640012345@ims.carrier.example"
SECRET = "a trunk's secret"
NONCE = "dcd98b7102dd2f0e8b11d0f600bfb0c093"
HERE = Hop("UDP", "127.0.0.1", 0)


class Carrier(Rooms):
    """The carrier's proxy, which a test answers for, and our side with one trunk to it."""

    async def open(self) -> None:
        loop = asyncio.get_running_loop()
        _, self.wires = await loop.create_datagram_endpoint(Wires, local_addr=("127.0.0.1", 0))
        entropy = itertools.count(1)
        self.sip = SipStack(
            Endpoint([HERE], entropy=lambda size: next(entropy).to_bytes(size, "big")), self.clock, [HERE]
        )
        await self.sip.start()
        self.trunks = TrunkBook(
            [
                TrunkSettings(
                    "ims", HOME, port=self.port, proxy="127.0.0.1", register=True, user=PUBLIC, auth_user=PRIVATE,
                    password=SECRET, caller_id=PUBLIC, dial_format="e164",
                    identity=IdentityPolicy(Shown.PREFERRED, domain=HOME),
                )
            ]
        )  # fmt: skip
        digest = DigestServer("line400", b"0" * 16)
        registrar = Registrar(digest, {})
        self.arrivals: asyncio.Queue[Arrival] = asyncio.Queue()
        self.board = Switchboard(
            stack=self.sip, room=self.room, log=self.log, clock=self.clock, ids=self.ids, trunks=self.trunks,
            phones=Phones(registrar, {}), doorkeeper=Doorkeeper(self.trunks, registrar, digest, {}),
        )  # fmt: skip
        self.board.open_for_calls(self.arrivals.put_nowait)
        self.registrations = Registrations(self.sip, self.board, self.trunks, self.clock)
        self.tasks = Supervisor()

    @property
    def port(self) -> int:
        assert self.wires.transport is not None
        return int(self.wires.transport.get_extra_info("sockname")[1])

    def send(self, text: str) -> None:
        assert self.wires.transport is not None
        self.wires.transport.sendto(text.encode(), ("127.0.0.1", self.sip.addresses[0].port))

    async def asked(self, method: str, cseq: int) -> Request:
        """Our request of that number, once it has come."""
        async with asyncio.timeout(10):
            while True:
                for message in self.wires.messages():
                    if isinstance(message, Request) and (message.method, message.cseq.number) == (method, cseq):
                        return message
                self.wires.news.clear()
                await self.wires.news.wait()

    def answer(self, request: Request, status: int, headers: str = "") -> None:
        echoed = ("Via", "From", "Call-ID", "CSeq")
        head = "".join(f"{key}: {value}\r\n" for key in echoed for value in request.headers.get_all(key))
        to = f"To: {request.headers.get('To')};tag=carrier\r\n"
        self.send(f"SIP/2.0 {status} Told\r\n{head}{to}{headers}Content-Length: 0\r\n\r\n")

    async def close(self) -> None:
        await self.tasks.close()
        await asyncio.gather(*(leg.hang_up() for leg in self.board.legs))
        await self.sip.close()
        if self.wires.transport is not None:
            self.wires.transport.close()
        await asyncio.sleep(0)


@pytest.mark.parametrize(
    ("lines", "routes"),
    [
        ([], []),
        (["<sip:a.example;lr>, <sip:b.example;lr>", "<sip:c.example;lr>"], ["a.example", "b.example", "c.example"]),
        (["<sip:a.example>"], []),
        (["<tel:110>"], []),
        (["<sip:a.example;lr"], []),
        (["<sip:a.example;lr>"] * 9, []),
        ([f"<sip:{'a' * 1000};lr>"], []),
    ],
)
def test_what_a_service_route_may_be(lines: list[str], routes: list[str]) -> None:
    more = "".join(f"Service-Route: {line}\r\n" for line in lines)
    text = "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP a\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:a@b>;tag=2\r\nCall-ID: x\r\n"
    response = parse_message(f"{text}CSeq: 1 REGISTER\r\n{more}Content-Length: 0\r\n\r\n".encode())
    assert isinstance(response, Response)
    assert [proxy.uri.host for proxy in service_route_of(response) if isinstance(proxy.uri, SipUri)] == routes


def challenge(realm: str, algorithm: str) -> str:
    return f'Digest realm="{realm}", nonce="{NONCE}", algorithm={algorithm}, qop="auth"'


def assert_proved(request: Request, header: str, realm: str, algorithm: str) -> None:
    """By the arithmetic of RFC 2617 §3.2.2 and RFC 7616 §3.4, done here once more."""
    said = {
        name: plain or quoted
        for name, quoted, plain in re.findall(r'(\w+)=(?:"([^"]*)"|([^,\s]+))', request.headers.get(header) or "")
    }
    assert (said["username"], said["realm"], said["uri"]) == (PRIVATE, realm, str(request.uri))
    function = {"MD5": hashlib.md5, "SHA-256": hashlib.sha256}[algorithm]

    def digest(*parts: str) -> str:
        return function(":".join(parts).encode()).hexdigest()

    secret, asked = digest(PRIVATE, realm, SECRET), digest(request.method, said["uri"])
    assert said["response"] == digest(secret, NONCE, said["nc"], said["cnonce"], "auth", asked)
    assert (said["nonce"], said["qop"], said["nc"], said["algorithm"]) == (NONCE, "auth", "00000001", algorithm)


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256"])
async def test_a_public_identity_registers_and_calls_by_the_proxy_with_the_private_ones_proof(algorithm: str) -> None:
    carrier = Carrier()
    await carrier.open()
    try:
        carrier.registrations.begin(carrier.tasks)
        first = await carrier.asked("REGISTER", 1)
        assert str(first.uri) == f"sip:{HOME}"
        assert str(first.to.uri) == str(first.from_.uri) == f"sip:{PUBLIC}@{HOME}"
        ours = carrier.sip.addresses[0]
        assert str(first.contacts[0].uri) == f"sip:{PUBLIC}@127.0.0.1:{ours.port}"
        carrier.answer(first, 401, f"WWW-Authenticate: {challenge(HOME, algorithm)}\r\n")
        proved = await carrier.asked("REGISTER", 2)
        assert_proved(proved, "Authorization", HOME, algorithm)
        granted = f"Contact: <sip:{PUBLIC}@127.0.0.1:{ours.port}>;expires=600\r\n"
        carrier.answer(proved, 200, f"{granted}Service-Route: <sip:orig@s-cscf.{HOME};lr>\r\n")
        while not carrier.trunks.places("ims").service_route:  # noqa: ASYNC110 - no event tells
            await asyncio.sleep(0.01)

        calling = asyncio.create_task(
            carrier.board.dial("+8613800138000", "c1", trunk="ims", caller_id="", timeout_s=10)
        )
        invite = await carrier.asked("INVITE", 1)
        assert str(invite.uri) == str(invite.to.uri) == f"sip:+8613800138000@{HOME}"
        assert str(invite.from_.uri) == f"sip:{PUBLIC}@{HOME}"
        assert invite.headers.get("P-Preferred-Identity") == f"<sip:{PUBLIC}@{HOME}>"
        assert invite.headers.get_all("Route") == [f"<sip:orig@s-cscf.{HOME};lr>"], "RFC 3608"
        other = "another realm of the carrier's"
        carrier.answer(invite, 407, f"Proxy-Authenticate: {challenge(other, algorithm)}\r\n")
        again = await carrier.asked("INVITE", 2)
        assert_proved(again, "Proxy-Authorization", other, algorithm)
        carrier.answer(again, 486)
        with pytest.raises(CallRejected) as refused:
            await asyncio.wait_for(calling, 10)
        assert refused.value.status == 486
    finally:
        await carrier.close()


async def test_its_calls_come_from_the_proxy_to_the_contact_and_only_to_says_what_was_called() -> None:
    carrier = Carrier()
    await carrier.open()
    try:
        carrier.send(
            f"INVITE sip:{PUBLIC}@127.0.0.1:{carrier.sip.addresses[0].port} SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP 127.0.0.1:{carrier.port};branch=z9hG4bKims1\r\nMax-Forwards: 60\r\n"
            f"From: <sip:+8613800138000@{HOME};user=phone>;tag=ims\r\nTo: <tel:+864008001234>\r\nCall-ID: ims-1\r\n"
            f"CSeq: 1 INVITE\r\nContact: <sip:127.0.0.1:{carrier.port}>\r\nContent-Type: application/sdp\r\n"
            f"Content-Length: {len(SDP)}\r\n\r\n{SDP}"
        )
        arrival = await asyncio.wait_for(carrier.arrivals.get(), 10)
        assert (arrival.trunk, arrival.ani, arrival.dnis) == ("ims", "+8613800138000", "+864008001234")
        await arrival.leg.hang_up()
    finally:
        await carrier.close()
