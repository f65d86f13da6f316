"""Kamailio with Record-Route between the line and everybody: calls, hold and hang-up go through it both ways. And as an
edge proxy for phones, which are reached by Path (RFC 3327).
"""

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from core.errors import CallRejected
from service.demo.softphone import PhoneCall
from telephony.sip.events import Responded, SipEvent
from telephony.sip.hop import Hop
from telephony.sip.message import Response
from tests.interop.handset import Handset
from tests.interop.line import CARRIER, HOST, Line, basic, serving
from tests.interop.peers.kamailio import CARRIERS_SIDE, PHONES_SIDE, Kamailio, need_kamailio
from tests.interop.sound import share_of_tone, tone
from tests.ports import free_port

pytestmark = pytest.mark.interop
CALLER_HZ = 700.0
AGENT_HZ = 1100.0


async def test_calls_through_a_proxy_that_records_its_route(tmp_path: Path) -> None:
    need_kamailio()
    carrier_port, proxy_port = free_port(CARRIER), _port_of_both()
    more = basic(carrier_port=carrier_port).replace(
        f'host = "{CARRIER}"\nport = {carrier_port}', f'host = "{CARRIERS_SIDE}"\nport = {proxy_port}\noptions_s = 1'
    )
    async with serving(tmp_path, more) as line:
        proxy = Kamailio(tmp_path / "kamailio", proxy_port, (HOST, line.sip), (CARRIER, carrier_port))
        calls: asyncio.Queue[PhoneCall] = asyncio.Queue()
        agent = Handset(Hop("UDP", PHONES_SIDE, proxy_port), "101", "phone-101", on_call=calls.put_nowait)
        carrier = Handset(Hop("UDP", CARRIERS_SIDE, proxy_port), "carrier", listen=Hop("UDP", CARRIER, carrier_port))
        async with proxy:
            await agent.start()
            await carrier.start()
            try:
                await agent.register()
                await line.set_agent("101", "available")
                await line.until_agent("101", "available")
                # The caller hangs up, so the line ends the agent's leg: its BYE must take the recorded route.
                call = await carrier.call("4008005555", "13800138000")
                rung = await asyncio.wait_for(calls.get(), 10)
                await rung.answer()
                await line.until_agent("101", "talking")
                voices = [
                    asyncio.create_task(call.voice.say_samples(tone(CALLER_HZ, 30))),
                    asyncio.create_task(rung.voice.say_samples(tone(AGENT_HZ, 30))),
                ]
                await _hears(rung, CALLER_HZ)
                await _hears(call, AGENT_HZ)
                agent.hold(rung)
                await _until(lambda: agent.renegotiated == 1)
                agent.resume(rung)
                await _until(lambda: agent.renegotiated == 2)
                call.hang_up()
                await asyncio.wait_for(rung.ended, 10)
                for voice in voices:
                    voice.cancel()
                # The agent hangs up: the BYE to the carrier is ours too.
                await line.until_agent("101", "available")
                dialled = asyncio.create_task(carrier.call("4008006666", "13900139000"))
                rung = await asyncio.wait_for(calls.get(), 10)
                await rung.answer()
                call = await asyncio.wait_for(dialled, 10)
                rung.hang_up()
                await asyncio.wait_for(call.ended, 10)
                # A refusal passes back, and its ACK ends there.
                with pytest.raises(CallRejected) as refused:
                    await carrier.call("4007770000", "13700137000")
                assert refused.value.status == 404
                ended = await line.until_calls_ended(3)
                told = [(item["reason"], item["ended_by"]) for item in ended]
                assert told == [("not_found", "system"), ("normal", "agent"), ("normal", "caller")]
                ours = proxy.within(f"{HOST}:{line.sip}")
                assert ours.count("BYE") == 2 and ours.count("ACK") == 2, ours
                assert proxy.within(f"{CARRIER}:{carrier_port}").count("BYE") == 1
                assert not proxy.astray()
                health = await line.api.get("/health")
                assert "'trunk carrier', 'state': 'ok'" in str(health), "it is asked through the proxy too"
            finally:
                await agent.close()
                await carrier.close()


async def test_a_phone_behind_an_edge_proxy_is_reached_by_its_path(tmp_path: Path) -> None:
    need_kamailio()
    carrier_port, edge_port = free_port(CARRIER), _port_of_both()
    more = basic(carrier_port=carrier_port)
    async with serving(tmp_path, more, sip_keys="phone_options_s = 1") as line:
        edge = Kamailio(tmp_path / "kamailio", edge_port, (HOST, line.sip))
        calls: asyncio.Queue[PhoneCall] = asyncio.Queue()
        at = Hop("UDP", PHONES_SIDE, edge_port)
        carrier = Handset(Hop("UDP", HOST, line.sip), "carrier", listen=Hop("UDP", CARRIER, carrier_port))
        async with edge:
            agent = Handset(at, "101", "phone-101", on_call=calls.put_nowait)
            told = Told(agent)
            await agent.start()
            await carrier.start()
            try:
                with pytest.raises(CallRejected) as refused:
                    await agent.register()
                assert refused.value.status == 420, "the proxy adds a Path that the phone knows nothing of"
                assert told.last().headers.get("Unsupported") == "path"
                await agent.register(headers=(("Supported", "path"),))
                (way,) = told.last().paths
                assert str(way.uri).startswith(f"sip:{PHONES_SIDE}:{edge_port};lr")
                await line.set_agent("101", "available")
                await line.until_agent("101", "available")
                call = asyncio.create_task(carrier.call("4008005555", "13800138000"))
                rung = await asyncio.wait_for(calls.get(), 10)
                await rung.answer()
                await asyncio.wait_for(call, 10)
                await line.until_agent("101", "talking")
                call.result().hang_up()
                await asyncio.wait_for(rung.ended, 10)
                (ended,) = await line.until_calls_ended(1)
                assert (ended["outcome"], ended["agent"], ended["ended_by"]) == ("answered", "101", "caller")
                # One that gives up: CANCEL and the ACK to the 487 must find the phone too.
                await line.until_agent("101", "available")
                dialled = await carrier.dial("4008006666", "13900139000")
                rung = await asyncio.wait_for(calls.get(), 10)
                carrier.stack.hang_up(dialled.session)
                await asyncio.wait_for(rung.ended, 10)
                ours = edge.outward(f"{HOST}:{line.sip}")
                assert ours.count("INVITE") == 2 and "OPTIONS" in ours, ours
                assert edge.within(f"{HOST}:{line.sip}").count("BYE") == 1
                assert not edge.astray()
                await _alive(line)
            finally:
                await agent.close()
                await carrier.close()


class Told:
    """The answers that a phone gets to what it asks outside of calls."""

    def __init__(self, phone: Handset) -> None:
        self._answers: list[Response] = []
        phone.stack.subscribe(self._on_sip)

    def _on_sip(self, event: SipEvent) -> None:
        if isinstance(event, Responded) and event.response is not None:
            self._answers.append(event.response)

    def last(self) -> Response:
        return self._answers[-1]


async def _alive(line: Line) -> None:
    """The phone answers OPTIONS, asked by the same way."""
    async with asyncio.timeout(15):
        while "'state': 'alive'" not in str(await line.api.get("/phones")):  # noqa: ASYNC110 - it is asked each second
            await asyncio.sleep(0.1)


def _port_of_both() -> int:
    """A port that is free at both addresses of the proxy."""
    while True:
        port = free_port(CARRIERS_SIDE)
        try:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                probe.bind((PHONES_SIDE, port))
        except OSError:
            continue
        return port


async def _hears(call: PhoneCall, frequency_hz: float) -> None:
    begin = len(call.voice.heard_samples())

    def hears() -> bool:
        heard = call.voice.heard_samples()[begin:]
        return len(heard) > 8000 and share_of_tone(heard[-4000:], frequency_hz) > 0.9

    await _until(hears)


async def _until(done: Callable[[], bool]) -> None:
    async with asyncio.timeout(15):
        while not done():  # noqa: ASYNC110 - hearing is no event
            await asyncio.sleep(0.1)
