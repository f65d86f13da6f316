"""From a name in the DNS to a call: a name server, a dead server and a live one, all on loopback."""

import asyncio
import contextlib
import os
import socket
from collections.abc import AsyncIterator

import pytest

from core.errors import CallRejected
from service.clock import SystemClock
from service.locating import Locator
from telephony.doorkeeper import Doorkeeper
from telephony.names import DnsNames
from telephony.phones import Phones
from telephony.registrar import Registrar
from telephony.sip.digest_server import DigestServer
from telephony.sip.endpoint import Endpoint
from telephony.sip.events import Invited, SipEvent
from telephony.sip.hop import Hop
from telephony.sip.stack import SipStack
from telephony.switchboard import Switchboard
from telephony.trunk import TrunkBook, TrunkSettings
from tests.dns_server import DnsServer
from tests.unit.telephony.doubles import Rooms

HERE = Hop("UDP", "127.0.0.1", 0)


@contextlib.asynccontextmanager
async def stack() -> AsyncIterator[SipStack]:
    made = SipStack(Endpoint([HERE], entropy=os.urandom), SystemClock(), [HERE])
    await made.start()
    try:
        yield made
    finally:
        await made.close()


async def test_a_line_with_web_phones_finds_its_carriers_too() -> None:
    """The DNS names no WebSocket servers, so none are looked for."""
    listen = [HERE, Hop("WS", "127.0.0.1", 0)]
    sip = SipStack(Endpoint(listen, entropy=os.urandom), SystemClock(), listen)
    await sip.start()
    trunks = TrunkBook([TrunkSettings("carrier", "carrier.test", port=0, transport="")])
    try:
        async with DnsServer("carrier.test. 60 IN A 127.0.0.1") as names:
            await Locator(DnsNames([names.address]), sip, trunks, SystemClock()).first()
        assert trunks.places("carrier").order(0.0) == [Hop("UDP", "127.0.0.1", 5060)]
        assert "_sip._udp.carrier.test SRV" in names.asked
    finally:
        await sip.close()


async def test_a_call_goes_past_a_dead_server_to_the_next_that_the_dns_names() -> None:
    invited: list[str] = []

    def carrier(event: SipEvent) -> None:
        if isinstance(event, Invited):
            invited.append(str(event.request.uri))
            far.reject(event.session, 486)

    rooms = Rooms()
    dead = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    dead.bind(("127.0.0.1", 0))
    with contextlib.closing(dead):
        async with stack() as near, stack() as far, DnsServer("a.test. 60 IN A 127.0.0.1") as names:
            far.subscribe(carrier)
            names.records += [
                f"_sip._udp.carrier.test. 60 IN SRV 10 0 {dead.getsockname()[1]} a.test.",
                f"_sip._udp.carrier.test. 60 IN SRV 20 0 {far.addresses[0].port} a.test.",
            ]
            trunks = TrunkBook([TrunkSettings("carrier", "carrier.test", port=0, reach_s=0.3)])
            digest = DigestServer("line400", b"0" * 16)
            registrar = Registrar(digest, {})
            board = Switchboard(
                stack=near,
                room=rooms.room,
                log=rooms.log,
                clock=SystemClock(),
                ids=rooms.ids,
                trunks=trunks,
                phones=Phones(registrar, {}),
                doorkeeper=Doorkeeper(trunks, registrar, digest, {}),
            )
            await Locator(DnsNames([names.address]), near, trunks, SystemClock()).first()
            assert trunks.of_source(Hop("UDP", "127.0.0.1", 9)) is not None
            with pytest.raises(CallRejected) as refused:
                await board.dial("+8613900139000", "c1", trunk="carrier", caller_id="4008001234", timeout_s=20)
            assert refused.value.status == 486
            assert invited == ["sip:13900139000@carrier.test"]  # no port: the name stands for all its servers


async def test_what_was_known_holds_while_the_dns_is_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("telephony.names.ASK_S", 0.1)
    clock = Moved()
    async with stack() as near, DnsServer("carrier.test. 60 IN A 192.0.2.7") as names:
        trunks = TrunkBook([TrunkSettings("carrier", "carrier.test", port=0), TrunkSettings("fixed", "192.0.2.9")])
        locator = Locator(DnsNames([names.address]), near, trunks, clock)
        await locator.first()
        places = trunks.places("carrier")
        assert places.hops == (Hop("UDP", "192.0.2.7", 5060),)
        asked = len(names.asked)
        await locator.first()
        assert len(names.asked) == asked, "it holds for its time"
        clock.at += 61
        names.silent = True
        await locator.first()
        assert places.hops == (Hop("UDP", "192.0.2.7", 5060),) and "does not answer" in places.fault
        names.silent = False
        names.records[:] = ["carrier.test. 60 IN A 192.0.2.8"]
        clock.at += 11
        await locator.first()
        assert places.hops == (Hop("UDP", "192.0.2.8", 5060),) and places.fault == ""


async def test_a_silent_dns_does_not_hold_up_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.locating.FIRST_S", 0.1)
    async with stack() as near, DnsServer() as names:
        names.silent = True
        trunks = TrunkBook([TrunkSettings("carrier", "carrier.test", port=0)])
        async with asyncio.timeout(4):
            await Locator(DnsNames([names.address]), near, trunks, SystemClock()).first()
        assert trunks.places("carrier").hops == (Hop("UDP", "carrier.test", 5060),)


class Moved:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = 1000.0

    def now(self) -> float:
        return self.at
