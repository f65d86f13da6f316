"""Phones that speak G.722 or Opus, encrypted ones too: baresip takes a carrier's call; tones prove who hears whom."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import cast

import pytest

from service.clock import SystemClock
from service.demo.softphone import PhoneCall, Softphone
from telephony.sip.hop import Hop
from tests.interop.line import CARRIER, HOST, Json, Line, basic, serving
from tests.interop.peers.baresip import Baresip, need_baresip
from tests.interop.sound import channels, share_of_tone, tone, write_mono
from tests.ports import free_port

pytestmark = pytest.mark.interop
CALLER_HZ = 700.0
AGENT_HZ = 1100.0


@contextlib.asynccontextmanager
async def carrier_of(line: Line, port: int) -> AsyncIterator[Softphone]:
    hop = Hop("UDP", CARRIER, port)
    phone = Softphone(SystemClock(), Hop("UDP", HOST, line.sip), "carrier", listen=hop)
    await phone.start()
    try:
        yield phone
    finally:
        await phone.close()


async def talk(line: Line, carrier: Softphone, phone: Baresip, seconds: float = 3.0) -> tuple[PhoneCall, Json, Path]:
    """A call from outside to the agent, who says his tone while the caller says his; the call as the API tells it, and
    its recording.
    """
    await line.set_agent("101", "available")
    await line.until_agent("101", "available")
    call = await carrier.call("4008005555", "13800138000")
    talking = asyncio.create_task(call.voice.say_samples(tone(CALLER_HZ, seconds + 2)))
    await line.until_agent("101", "talking")
    await asyncio.sleep(seconds)
    call.hang_up()
    talking.cancel()
    (ended,) = await line.until_calls_ended(1)
    assert (ended["outcome"], ended["agent"]) == ("answered", "101"), phone.log()
    return call, await measured(line, ended["id"]), await line.recording_of(ended["id"])


async def measured(line: Line, call_id: object) -> Json:
    """A call that has ended, once all its legs are measured."""
    async with asyncio.timeout(5):
        while True:
            detail = await line.call(call_id)
            if all(leg["quality"] for leg in cast("list[Json]", detail["legs"])):
                return detail
            await asyncio.sleep(0.1)


def codecs_of(detail: Json) -> dict[str, str]:
    legs = cast("list[Json]", detail["legs"])
    return {str(leg["role"]): str(cast("Json", leg["quality"])["codec"]) for leg in legs}


@pytest.mark.parametrize(
    ("codec", "named", "wanted", "phone_wants"),
    [
        ("g722", "G722", "optional", "srtp"),
        ("opus/48000/2", "opus", "required", "srtp-mand"),
        ("pcma", "PCMA", "optional", ""),
    ],
)
async def test_a_phone_that_speaks_otherwise_than_the_carrier(
    tmp_path: Path, codec: str, named: str, wanted: str, phone_wants: str
) -> None:
    need_baresip()
    says = write_mono(tmp_path / "says.wav", tone(AGENT_HZ, 20))
    port = free_port(CARRIER)
    keys = f'phone_codecs = ["PCMA", "G722", "opus"]\nphone_encryption = "{wanted}"'
    async with serving(tmp_path, basic(carrier_port=port), sip_keys=keys) as line, carrier_of(line, port) as carrier:
        phone = Baresip(
            tmp_path / "baresip", line.sip, "101", "phone-101", says, codecs=codec, encryption=phone_wants
        )  # fmt: skip
        await phone.start()
        try:
            call, detail, recording = await talk(line, carrier, phone)
        finally:
            await phone.stop()
        assert codecs_of(detail) == {"caller": "PCMA", "agent": named}
        assert share_of_tone(call.voice.heard_samples()[-16000:], AGENT_HZ) > 0.9
        left, right = channels(recording)
        assert share_of_tone(left[8000:20000], CALLER_HZ) > 0.9
        assert share_of_tone(right[8000:20000], AGENT_HZ) > 0.9
    assert share_of_tone(phone.samples()[8000:20000], CALLER_HZ) > 0.9, phone.log()
    assert ("SRTP is Enabled" in phone.log()) is bool(phone_wants), phone.log()


async def test_two_phones_of_opus_are_relayed_in_opus(tmp_path: Path) -> None:
    need_baresip()
    port = free_port(CARRIER)
    agents = "".join(f'[[agent]]\nid = "{name}"\npassword = "phone-{name}"\n' for name in ("101", "102"))
    keys = 'phone_codecs = ["PCMA", "opus"]'
    async with serving(tmp_path, basic(carrier_port=port, agents=agents), sip_keys=keys) as line:
        phones: dict[str, Baresip] = {}
        for name, frequency_hz in (("101", AGENT_HZ), ("102", CALLER_HZ)):
            says = write_mono(tmp_path / f"{name}.wav", tone(frequency_hz, 20))
            phone = Baresip(tmp_path / name, line.sip, name, f"phone-{name}", says, codecs="opus/48000/2")
            await phone.start()
            phones[name] = phone
        try:
            await line.set_agent("101", "available")
            await line.until_agent("101", "available")
            await phones["102"].command("dial", f"sip:4008006666@{HOST}:{line.sip}")
            await line.until_agent("101", "talking")
            await asyncio.sleep(3)
            await phones["102"].command("hangup")
            (ended,) = await line.until_calls_ended(1)
            detail = await measured(line, ended["id"])
            left, right = channels(await line.recording_of(ended["id"]))
        finally:
            for phone in phones.values():
                await phone.stop()
    assert codecs_of(detail) == {"caller": "opus", "agent": "opus"}, phones["102"].log()
    for sound, frequency_hz in ((left, CALLER_HZ), (right, AGENT_HZ)):
        assert share_of_tone(sound[8000:20000], frequency_hz) > 0.9
    for name, frequency_hz in (("101", CALLER_HZ), ("102", AGENT_HZ)):
        assert share_of_tone(phones[name].samples()[-16000:-4000], frequency_hz) > 0.9, phones[name].log()
