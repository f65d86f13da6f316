"""The stack on real sockets of the loopback interface: UDP, TCP and its connections, names, ports that are taken."""

import asyncio
import secrets
import socket
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress

import pytest

from core.errors import Unavailable
from telephony.sip.address import NameAddress
from telephony.sip.datagrams import MAX_PER_TURN, MAX_UNSERVED, Datagrams
from telephony.sip.endpoint import Endpoint
from telephony.sip.events import Answered, Confirmed, HungUp, Invited, Requested, Responded, SipEvent
from telephony.sip.hop import TCP, UDP, Hop, Packet
from telephony.sip.stack import SipStack
from telephony.sip.tcp import IDLE_S, SILENT_S, Connection
from telephony.sip.transport import MAX_PER_HOST, Transports
from telephony.sip.uri import SipUri
from tests import virtual_loop

HERE = "127.0.0.1"
BOTH = [Hop(UDP, HERE, 0), Hop(TCP, HERE, 0)]
US = NameAddress(SipUri("example.net", user="us"))


class WallClock:
    def now(self) -> float:
        return time.time()


class Side:
    """A stack, its events, and a way to wait for one."""

    def __init__(self, stack: SipStack) -> None:
        self.stack = stack
        self.events: list[SipEvent] = []
        self.react: Callable[[SipEvent], None] = lambda event: None
        self._news = asyncio.Event()
        stack.subscribe(self._take)

    def _take(self, event: SipEvent) -> None:
        self.events.append(event)
        self._news.set()
        self.react(event)

    async def until(self, kind: type[SipEvent]) -> SipEvent:
        async with asyncio.timeout(5):
            while True:
                for event in self.events:
                    if isinstance(event, kind):
                        return event
                self._news.clear()
                await self._news.wait()

    @property
    def connections(self) -> int:
        return len({id(one) for one in self.stack._transports._connections.values()})


@asynccontextmanager
async def side(listen: Sequence[Hop] = BOTH) -> AsyncIterator[Side]:
    stack = SipStack(Endpoint(listen, entropy=secrets.token_bytes), WallClock(), listen)
    await stack.start()
    try:
        yield Side(stack)
    finally:
        await stack.close()


def call(ours: Side, theirs: Side, transport: str, host: str = HERE) -> str:
    port = theirs.stack.address(transport).port
    uri = SipUri(host, user="them", port=port)
    return ours.stack.invite(Hop(transport, host, port), uri, US, NameAddress(uri), b"v=0 offer")


@pytest.mark.parametrize("transport", [UDP, TCP])
@pytest.mark.parametrize("host", [HERE, "localhost"])
async def test_call_goes_through_and_the_called_hangs_up(transport: str, host: str) -> None:
    async with side() as ours, side() as theirs:

        def answer(event: SipEvent) -> None:
            if isinstance(event, Invited):
                theirs.stack.accept(event.session, b"v=0 answer")
            elif isinstance(event, Confirmed):
                theirs.stack.hang_up(event.session)

        theirs.react = answer
        session = call(ours, theirs, transport, host)
        assert await ours.until(Answered) == Answered(session, b"v=0 answer")
        assert await ours.until(HungUp) == HungUp(session, 16)
        # the BYE came over the connection that the caller had made
        assert ours.connections == theirs.connections == (1 if transport == TCP else 0)


@pytest.mark.parametrize(("listen", "transport"), [(BOTH, TCP), (BOTH[:1], UDP)])
async def test_a_wide_invite_goes_by_tcp_and_by_udp_where_nobody_takes_that(
    listen: Sequence[Hop], transport: str
) -> None:
    async with side() as ours, side(listen) as theirs:
        theirs.react = lambda event: (
            theirs.stack.accept(event.session, b"v=0 answer") if isinstance(event, Invited) else None
        )
        hop = theirs.stack.address(UDP)
        uri = SipUri(HERE, user="them", port=hop.port)
        offer = b"v=0 " + b"x" * 2000
        session = ours.stack.invite(hop, uri, US, NameAddress(uri), offer)
        assert await ours.until(Answered) == Answered(session, b"v=0 answer")
        invited = await theirs.until(Invited)
        assert isinstance(invited, Invited)
        assert (invited.source.transport, invited.offer) == (transport, offer)
        assert isinstance(await theirs.until(Confirmed), Confirmed)
        ours.stack.hang_up(session)
        await theirs.until(HungUp)


async def test_both_transports_share_a_free_port() -> None:
    async with side() as ours:
        assert ours.stack.address(UDP).port == ours.stack.address(TCP).port != 0
        assert [hop.transport for hop in ours.stack.addresses] == [UDP, TCP]


async def test_port_that_is_taken_is_named() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind((HERE, 0))
        hop = Hop(UDP, HERE, taken.getsockname()[1])
        stack = SipStack(Endpoint([hop], entropy=secrets.token_bytes), WallClock(), [hop])
        with pytest.raises(Unavailable, match=f"udp:{HERE}:{hop.port}"):
            await stack.start()
        await stack.close()


async def test_name_that_nobody_knows_fails_the_request() -> None:
    async with side() as ours:
        target = Hop(UDP, "no-such-host.invalid", 5060)
        ours.stack.request(target, "OPTIONS", SipUri(target.host), US, US)
        event = await ours.until(Responded)
        assert isinstance(event, Responded)
        assert event.status == 503


async def test_ping_is_answered_and_broken_framing_ends_the_connection() -> None:
    async with side() as ours:
        hop = ours.stack.address(TCP)
        reader, writer = await asyncio.open_connection(hop.host, hop.port)
        writer.write(b"\r\n\r\n")
        assert await reader.readexactly(2) == b"\r\n"
        writer.write(b"OPTIONS sip:a@b SIP/2.0\r\nContent-Length: x\r\n\r\n")
        async with asyncio.timeout(5):
            await reader.read()
        writer.close()
        await writer.wait_closed()
        assert ours.connections == 0


async def test_stun_is_answered_on_the_sip_port_beside_sip() -> None:
    async with side() as ours, side() as theirs:
        hop = ours.stack.address(UDP)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
            phone.bind((HERE, 0))
            phone.setblocking(False)
            phone.sendto(b"\0\1\0\0\x21\x12\xa4\x42" + b"t" * 12, (hop.host, hop.port))
            async with asyncio.timeout(5):
                answer = await asyncio.get_running_loop().sock_recv(phone, 1500)
            assert answer[:2] == b"\1\1" and answer[8:20] == b"t" * 12
            assert int.from_bytes(answer[26:28]) ^ 0x2112 == phone.getsockname()[1]
        theirs.stack.request(hop, "OPTIONS", SipUri(HERE), US, US)
        assert isinstance(await ours.until(Requested), Requested)
        assert len(ours.events) == 1


async def test_what_is_pipelined_on_a_connection_is_served_in_turns_and_all_of_it() -> None:
    async with side() as ours:
        hop = ours.stack.address(TCP)
        ours.react = lambda event: ours.stack.answer_request(event.key, 200) if isinstance(event, Requested) else None
        reader, writer = await asyncio.open_connection(hop.host, hop.port)
        count = 400
        for number in range(count):
            branch = f"z9hG4bK{number}"
            writer.write(
                (
                    f"OPTIONS sip:a@b SIP/2.0\r\nVia: SIP/2.0/TCP {HERE}:1;branch={branch}\r\nMax-Forwards: 70\r\n"
                    f"From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>\r\nCall-ID: c{number}\r\nCSeq: 1 OPTIONS\r\n"
                    "Content-Length: 0\r\n\r\n"
                ).encode()
            )
        heard = b""
        async with asyncio.timeout(20):
            while heard.count(b"SIP/2.0 200 OK") < count:
                piece = await reader.read(65536)
                assert piece
                heard += piece
        writer.close()
        answered = [int(part.split(b";")[0].split()[0]) for part in heard.split(b"branch=z9hG4bK")[1:]]
        assert answered == list(range(count))


async def test_handler_that_fails_does_not_hold_up_other_events(caplog: pytest.LogCaptureFixture) -> None:
    async with side() as ours, side() as theirs:
        seen = []
        both = asyncio.Event()

        def clumsy(event: SipEvent) -> None:
            seen.append(event)
            if len(seen) == 1:
                raise RuntimeError("clumsy")
            both.set()

        theirs.react = clumsy
        for _ in range(2):
            ours.stack.request(theirs.stack.address(UDP), "OPTIONS", SipUri(HERE), US, US)
        async with asyncio.timeout(5):
            await both.wait()
        assert all(isinstance(event, Requested) for event in seen)
        assert "clumsy" in caplog.text


async def test_a_flood_of_datagrams_leaves_the_loop_to_others() -> None:
    class Slow:
        """Takes a millisecond for each message."""

        def __init__(self) -> None:
            self.taken = 0

        def on_message(self, data: bytes, source: Hop) -> None:
            self.taken += 1
            until = time.perf_counter() + 0.001
            while time.perf_counter() < until:
                pass

    slow = Slow()
    datagrams = Datagrams(slow.on_message)
    for _ in range(MAX_UNSERVED + 10):
        datagrams.datagram_received(b"x", (HERE, 5060))
    at_once = slow.taken
    assert 1 <= at_once <= MAX_PER_TURN
    await asyncio.sleep(0)
    assert 1 <= slow.taken - at_once <= MAX_PER_TURN
    turns = 2
    while slow.taken < 200:
        await asyncio.sleep(0)
        turns += 1
    assert turns >= 200 / 6, "a turn serves for 5 ms at most"
    datagrams.connection_lost(None)
    served = slow.taken
    await asyncio.sleep(0)
    assert slow.taken == served


async def test_one_address_cannot_take_all_connections() -> None:
    async with side() as ours, side() as theirs:
        hop = ours.stack.address(TCP)
        streams = [await asyncio.open_connection(hop.host, hop.port) for _ in range(MAX_PER_HOST)]
        reader, writer = await asyncio.open_connection(hop.host, hop.port)
        async with asyncio.timeout(5):
            with suppress(ConnectionError):
                assert await reader.read() == b"", "one too many is closed at once"
        assert ours.connections == MAX_PER_HOST
        ours.stack.request(theirs.stack.address(TCP), "OPTIONS", SipUri(HERE), US, US)
        await theirs.until(Requested)  # those that we make do not count
        streams[0][1].close()
        await streams[0][1].wait_closed()
        for _ in range(100):
            await asyncio.sleep(0)  # turns in which our side learns of it
        streams.append(await asyncio.open_connection(hop.host, hop.port))
        streams[-1][1].write(b"\r\n\r\n")
        async with asyncio.timeout(5):
            assert await streams[-1][0].readexactly(2) == b"\r\n", "a place that was given back is free"
        for _, one in [*streams, (reader, writer)]:
            one.close()


class Wire(asyncio.Transport):
    """Takes what is written and forgets it, but counts pings."""

    def __init__(self) -> None:
        super().__init__()
        self.pings = 0

    def get_write_buffer_size(self) -> int:
        return 0

    def is_closing(self) -> bool:
        return False

    def write(self, data: object) -> None:
        self.pings += data == b"\r\n\r\n"


@pytest.mark.parametrize(("ours", "pongs", "lives_s"), [(False, False, 1000), (True, False, 1000), (True, True, 400)])
def test_a_peer_that_has_answered_pings_must_go_on(ours: bool, pongs: bool, lives_s: float) -> None:
    async def lived() -> tuple[float, int]:
        loop = asyncio.get_running_loop()
        connection = Connection(lambda data, peer: None, lambda one: True, lambda one: None, transport="TCP", ours=ours)
        wire = Wire()
        connection.connection_made(wire)
        while loop.time() < 1000:
            before = wire.pings
            if not connection.keep_alive(loop.time()):
                break
            if pongs and wire.pings > before and loop.time() < 300:
                connection.data_received(b"\r\n")
            await asyncio.sleep(15)
        return loop.time(), wire.pings

    at, pings = virtual_loop.run(lived())
    assert pings == 0 if not ours else pings >= 3
    assert at >= 1000 if lives_s == 1000 else 300 < at < lives_s + 60


class Deaf:
    """In the place of a stack."""

    def on_message(self, data: bytes, source: Hop) -> None:
        pass

    def on_unreachable(self, destination: Hop) -> None:
        pass


class Lost(Deaf):
    """Learns what cannot be reached."""

    def __init__(self) -> None:
        self.hops: asyncio.Queue[Hop] = asyncio.Queue()

    def on_unreachable(self, destination: Hop) -> None:
        self.hops.put_nowait(destination)


@pytest.mark.parametrize("transport", [UDP, TCP])
async def test_what_can_be_no_name_cannot_be_reached(transport: str) -> None:
    lost, nowhere = Lost(), Hop(transport, f"{'9' * 64}.example", 5060)
    transports = Transports(lost)
    await transports.start([Hop(UDP, "127.0.0.1", 0)])
    transports.send(Packet(WHOLE, nowhere))
    async with asyncio.timeout(5):
        assert await lost.hops.get() == nowhere
    await transports.close()


@pytest.mark.parametrize(("told_s", "pinged_s"), [(120, 90), (30, 15), (5, 15)])
def test_a_peer_that_says_how_often_it_wants_to_hear_of_us_is_pinged_so_often(told_s: int, pinged_s: int) -> None:
    async def pings() -> int:
        loop = asyncio.get_running_loop()
        connection = Connection(lambda data, peer: None, lambda one: True, lambda one: None, transport="TCP", ours=True)
        wire = Wire()
        connection.connection_made(wire)
        transports, peer = Transports(Deaf()), Hop(TCP, "192.0.2.9", 5060)
        transports._connections[peer] = connection
        transports.keep_flow(peer, told_s)
        transports.keep_flow(Hop(TCP, "192.0.2.8", 5060), told_s)  # there is none
        while loop.time() < 900:
            assert connection.keep_alive(loop.time())
            connection.data_received(WHOLE + b"\r\n")  # it speaks all the time, and answers pings
            await asyncio.sleep(15)
        return wire.pings

    assert virtual_loop.run(pings()) in (900 // pinged_s - 1, 900 // pinged_s)


WHOLE = b"OPTIONS sip:a@b SIP/2.0\r\nContent-Length: 0\r\n\r\n"


@pytest.mark.parametrize(
    ("first", "drip", "ours", "life_s"),
    [
        (b"", b"", False, SILENT_S),
        (b"", b"x", False, SILENT_S),
        (b"", b"\r\n\r\n", False, SILENT_S),
        (WHOLE, b"x", False, SILENT_S),
        (WHOLE, b"", False, IDLE_S),
        (WHOLE + b"\r\n", b"", False, IDLE_S),
        (WHOLE, b"\r\n\r\n", False, None),
        (WHOLE, WHOLE, False, None),
        (b"", b"", True, IDLE_S),
    ],
)
def test_only_whole_messages_hold_a_connection(first: bytes, drip: bytes, ours: bool, life_s: float | None) -> None:
    async def lives() -> float | None:
        loop = asyncio.get_running_loop()
        connection = Connection(lambda data, peer: None, lambda one: True, lambda one: None, transport="TCP", ours=ours)
        connection.connection_made(Wire())
        if first:
            connection.data_received(first)
        while loop.time() < 2 * IDLE_S:
            if connection.is_stale(loop.time()):
                return loop.time()
            if drip:
                connection.data_received(drip)
            await asyncio.sleep(30)
        return None

    lived_s = virtual_loop.run(lives())
    if life_s is None:
        assert lived_s is None
    else:
        assert lived_s is not None
        assert life_s < lived_s <= life_s + 30
