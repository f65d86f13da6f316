"""Phones over WebSocket (RFC 7118) at a served line: they register, are rung, call, and are missed when cut off."""

import asyncio
import ssl
from pathlib import Path

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from service.clock import SystemClock
from service.demo.softphone import PhoneCall, Softphone
from telephony.sip.hop import Hop
from tests.certificates import make_authority
from tests.interop.line import CARRIER, HOST, basic, serving
from tests.interop.sound import share_of_tone, tone
from tests.interop.web_phone import WebPhone
from tests.ports import free_port

pytestmark = pytest.mark.interop
CALLER_HZ = 700.0
AGENT_HZ = 1100.0


async def test_web_phones_over_ws_and_wss_talk_to_callers(tmp_path: Path) -> None:
    authority = make_authority(tmp_path)
    certificate = authority.sign("localhost")
    ws, wss, carrier_port = free_port(), free_port(), free_port(CARRIER)
    keys = f"ws_port = {ws}\nwss_port = {wss}\ntls_certificate = '{certificate}'\nws_origins = ['https://desk.example']"
    async with serving(tmp_path, basic(carrier_port=carrier_port), sip_keys=keys) as line:
        with pytest.raises(InvalidStatus, match="403"):
            await connect(f"ws://{HOST}:{ws}/", subprotocols=["sip"], origin="https://evil.example", proxy=None)  # type: ignore[list-item, arg-type]
        carrier = Softphone(
            SystemClock(), Hop("UDP", HOST, line.sip), "carrier", listen=Hop("UDP", CARRIER, carrier_port)
        )
        await carrier.start()
        try:
            await _is_rung(line, carrier, WebPhone(wss, "101", "phone-101", tls=_trusting(authority.file)))
            await _calls(WebPhone(ws, "101", "phone-101"))
            ended = await line.until_calls_ended(2)
        finally:
            await carrier.close()
        assert [(call["direction"], call["outcome"]) for call in ended[1:]] == [("inbound", "answered")]


async def _is_rung(line: object, carrier: Softphone, phone: WebPhone) -> None:
    """A queued caller is talked to; then the phone's connection is cut, and it is known to be gone."""
    calls: asyncio.Queue[PhoneCall] = asyncio.Queue()
    phone._on_call = calls.put_nowait
    await phone.start()
    await phone.register()
    await line.set_agent("101", "available")  # type: ignore[attr-defined]
    await line.until_agent("101", "available")  # type: ignore[attr-defined]
    calling = asyncio.create_task(carrier.call("4008005555", "13800138000"))
    async with asyncio.timeout(15):
        at_desk = await calls.get()
        await at_desk.answer()
        outside = await calling
    talking = [
        asyncio.create_task(outside.voice.say_samples(tone(CALLER_HZ, 3))),
        asyncio.create_task(at_desk.voice.say_samples(tone(AGENT_HZ, 3))),
    ]
    await line.until_agent("101", "talking")  # type: ignore[attr-defined]
    await asyncio.gather(*talking)
    at_desk.hang_up()
    await asyncio.wait_for(outside.ended, 10)
    assert share_of_tone(outside.voice.heard_samples()[-16000:], AGENT_HZ) > 0.8
    assert share_of_tone(at_desk.voice.heard_samples()[-16000:], CALLER_HZ) > 0.8
    await line.until_agent("101", "available")  # type: ignore[attr-defined]
    phone.line.drop()
    await line.until_agent("101", "offline")  # type: ignore[attr-defined]
    await phone.close()


async def _calls(phone: WebPhone) -> None:
    """The page is loaded again: another connection, the same phone; it calls the line itself."""
    await phone.start()
    await phone.register()
    call = await asyncio.wait_for(phone.call("4008001234"), 15)
    call.hang_up()
    await phone.close()


def _trusting(authority: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(authority))
