"""Nothing of one leg shows on the other: a call full of odd headers goes to an agent's phone and out by another
carrier, and every octet that leaves towards the others is looked at.
"""

import asyncio
import itertools
import re

import pytest

from telephony.audio import AudioRoom
from telephony.doorkeeper import Doorkeeper
from telephony.media.double import MediaDouble
from telephony.phones import Phones
from telephony.registrar import Registrar
from telephony.sip.digest_server import DigestServer
from telephony.sip.endpoint import Endpoint
from telephony.sip.hop import Hop
from telephony.sip.message import Message, Request, Response
from telephony.sip.parser import parse_message
from telephony.sip.stack import SipStack
from telephony.sip.uri import parse_sip_uri
from telephony.switchboard import Arrival, Switchboard
from telephony.trunk import TrunkBook, TrunkSettings
from telephony.trunk_identity import Forwarding, IdentityPolicy, Shown
from tests.unit.telephony.doubles import Rooms

PEERS = ("caller", "agent", "second")
IN_REQUESTS = {
    "via", "from", "to", "call-id", "cseq", "max-forwards", "contact", "allow", "supported", "user-agent",
    "content-type", "content-length", "session-expires", "min-se", "reason", "route", "rack", "require",
    "p-asserted-identity", "privacy", "diversion", "history-info",
}  # fmt: skip
"""All that our requests on a new leg may hold."""
IN_RESPONSES = {
    "via", "from", "to", "call-id", "cseq", "contact", "record-route", "allow", "supported", "server", "require",
    "rseq", "content-type", "content-length", "session-expires", "reason", "retry-after", "timestamp", "user-agent",
}  # fmt: skip
SECRETS = (
    "Zq1", "zq1", "SecretOrg", "secret-call-id", "secrettag", "10.99.88.77", "secret-user-agent", "secret.example",
    "x-secret", "geo:secret", "SECRETSDP", "secret-display",
)  # fmt: skip
"""Marks in the caller's INVITE, none of which may come out anywhere else."""
ODD = (
    "Subject: Zq1\r\nOrganization: SecretOrg\r\nUser-Agent: secret-user-agent\r\nX-Secret: Zq1\r\n"
    "Call-Info: <http://secret.example/zq1>;purpose=icon\r\nAlert-Info: <http://secret.example/ring>\r\n"
    "Geolocation: <geo:secret>\r\nPriority: urgent\r\nReply-To: <sip:zq1@secret.example>\r\n"
    "P-Charging-Vector: icid-value=Zq1\r\nP-Access-Network-Info: 3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=Zq1\r\n"
    "Session-ID: 0123456789abcdef0123456789abcdef;remote=00000000000000000000000000000000\r\n"
    "P-Preferred-Identity: <sip:zq1@secret.example>\r\nRemote-Party-ID: <sip:zq1@secret.example>\r\n"
    "History-Info: <sip:zq1@secret.example>;index=1,<sip:4008001234@secret.example>;index=1.1\r\n"
    "User-to-User: 00Zq1;encoding=hex\r\nIn-Reply-To: Zq1@secret.example\r\nDate: Sat, 13 Nov 2010 23:29:00 GMT\r\n"
    "Accept-Language: x-zq1\r\nFeature-Caps: *;+zq1\r\nRecord-Route: <sip:10.99.88.77;lr>\r\n"
)
SDP = (
    "v=0\r\no=SECRETSDP 1 1 IN IP4 10.99.88.77\r\ns=SECRETSDP\r\ni=SECRETSDP\r\nc=IN IP4 10.99.88.77\r\nt=0 0\r\n"
    "a=x-secret:Zq1\r\nm=audio 40000 RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
    "a=label:Zq1\r\n"
)


class Wires(asyncio.DatagramProtocol):
    """One peer: keeps what it gets."""

    def __init__(self) -> None:
        self.got: list[bytes] = []
        self.news = asyncio.Event()
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.got.append(data)
        self.news.set()

    def messages(self) -> list[Message]:
        parsed = [parse_message(data) for data in self.got]
        return [message for message in parsed if isinstance(message, Request | Response)]

    async def first(self, start: str) -> Message:
        """The first message whose start line begins so."""
        async with asyncio.timeout(10):
            while True:
                for message in self.messages():
                    if message.start_line().startswith(start):
                        return message
                self.news.clear()
                await self.news.wait()


class Town(Rooms):
    """A caller behind a trusted carrier, an agent with a fixed phone, a second carrier that is told of diversions."""

    async def open(self) -> None:
        self.peers: dict[str, Wires] = {}
        loop = asyncio.get_running_loop()
        for name in PEERS:
            _, peer = await loop.create_datagram_endpoint(Wires, local_addr=("127.0.0.1", 0))
            self.peers[name] = peer
        caller, agent, second = (self.port(name) for name in PEERS)
        entropy = itertools.count(1)
        here = Hop("UDP", "127.0.0.1", 0)
        self.sip = SipStack(
            Endpoint([here], entropy=lambda size: next(entropy).to_bytes(size, "big")), self.clock, [here]
        )
        await self.sip.start()
        policy = IdentityPolicy(Shown.ASSERTED, forwarding=Forwarding.BOTH)
        trunks = TrunkBook(
            [
                TrunkSettings("first", "127.0.0.1", port=caller, identity=IdentityPolicy(trusted=self.trusted)),
                TrunkSettings("second", "127.0.0.1", port=second, caller_id="4008001234", identity=policy),
            ]
        )
        digest = DigestServer("line400", b"0" * 16)
        registrar = Registrar(digest, {})
        self.arrivals: asyncio.Queue[Arrival] = asyncio.Queue()
        self.board = Switchboard(
            stack=self.sip, room=AudioRoom(MediaDouble(), self.ids), log=self.log, clock=self.clock, ids=self.ids,
            trunks=trunks, phones=Phones(registrar, {"8001": parse_sip_uri(f"sip:8001@127.0.0.1:{agent}")}),
            doorkeeper=Doorkeeper(trunks, registrar, digest, {}),
        )  # fmt: skip
        self.board.open_for_calls(self.arrivals.put_nowait)

    trusted = False

    def port(self, name: str) -> int:
        transport = self.peers[name].transport
        assert transport is not None
        return int(transport.get_extra_info("sockname")[1])

    def send(self, name: str, text: str) -> None:
        transport = self.peers[name].transport
        assert transport is not None
        transport.sendto(text.encode(), ("127.0.0.1", self.sip.addresses[0].port))

    def invite(self) -> None:
        port = self.port("caller")
        self.send(
            "caller",
            f"INVITE sip:4008001234@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bKZq1\r\n"
            f'Max-Forwards: 70\r\nFrom: "secret-display" <sip:13800138000@secret.example>;tag=secrettag\r\n'
            f"To: <sip:4008001234@127.0.0.1>\r\nCall-ID: secret-call-id\r\nCSeq: 1 INVITE\r\n"
            f"Contact: <sip:zq1@127.0.0.1:{port}>\r\n{ODD}Content-Type: application/sdp\r\n"
            f"Content-Length: {len(SDP)}\r\n\r\n{SDP}",
        )

    async def refuse(self, name: str, status: int) -> Request:
        """Take the INVITE there, ring, and refuse it, with secrets of that side's own."""
        invite = await self.peers[name].first("INVITE")
        assert isinstance(invite, Request)
        head = "".join(
            f"{key}: {value}\r\n" for key in ("Via", "From", "Call-ID", "CSeq") for value in invite.headers.get_all(key)
        )
        to = f"To: {invite.headers.get('To')};tag=secrettag2\r\n"
        extra = "Server: secret-user-agent\r\nX-Secret: Zq1\r\nError-Info: <sip:zq1@secret.example>\r\n"
        contact = f"Contact: <sip:zq1@127.0.0.1:{self.port(name)}>\r\n"
        for line in ("180 Zq1", f"{status} Zq1"):
            self.send(name, f"SIP/2.0 {line}\r\n{head}{to}{contact}{extra}Content-Length: 0\r\n\r\n")
        await self.peers[name].first("ACK")
        return invite

    async def close(self) -> None:
        await asyncio.gather(*(leg.hang_up() for leg in self.board.legs))
        await self.sip.close()
        for peer in self.peers.values():
            if peer.transport is not None:
                peer.transport.close()
        await asyncio.sleep(0)


@pytest.mark.parametrize("trusted", [False, True])
async def test_nothing_unlisted_passes_from_one_leg_to_another(trusted: bool) -> None:
    town = Town()
    town.trusted = trusted
    await town.open()
    try:
        town.invite()
        arrival = await asyncio.wait_for(town.arrivals.get(), 10)
        await arrival.leg.ring()
        agent = asyncio.create_task(town.board.ring("8001", arrival.call.id, caller=arrival.ani, timeout_s=10))
        await town.refuse("agent", 486)
        outside = asyncio.create_task(
            town.board.dial("+8613900139000", arrival.call.id, trunk="second", caller_id="", timeout_s=10)
        )
        onward = await town.refuse("second", 480)
        await asyncio.gather(agent, outside, return_exceptions=True)
        await arrival.leg.hang_up()
        await town.peers["caller"].first("SIP/2.0 480")
        for name in ("agent", "second"):
            for message in town.peers[name].messages():
                names = {field.key for field in message.headers.fields()}
                assert names <= (IN_REQUESTS if isinstance(message, Request) else IN_RESPONSES), name
                text = message.to_bytes().decode()
                if name == "second" and trusted:  # whom the trusted carrier says the call came by is listed
                    text = re.sub(r"(?m)^(Diversion|History-Info): .*$", "", text)
                text = re.sub(r"secrettag2|INVITE sip:zq1|ACK sip:zq1", "", text)  # its own To tag and Contact
                assert not [mark for mark in SECRETS if mark in text], text
                assert "13800138000" not in text or name == "agent"
        for message in town.peers["caller"].messages():
            own = re.sub(r"(?m)^(Via|From|To|Call-ID|Record-Route): .*$", "", message.to_bytes().decode())
            assert {field.key for field in message.headers.fields()} <= IN_RESPONSES
            assert not [mark for mark in (*SECRETS, "8001", "13900139000") if mark in own.replace("4008001234", "")], (
                own
            )
        assert onward.headers.get("Diversion") == "<sip:4008001234@127.0.0.1>;reason=deflection;counter=1"
        assert (onward.headers.get("History-Info") or "").count("index=") == (3 if trusted else 2)
        assert onward.headers.get("P-Asserted-Identity") == "<sip:4008001234@127.0.0.1>"
    finally:
        await town.close()
