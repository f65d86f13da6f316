"""Agents' phones that others made: baresip and pyVoIP register, answer, talk, hang up; tones prove who hears whom."""

import asyncio
import sys
import wave
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from service.clock import SystemClock
from service.demo.softphone import PhoneCall, Softphone
from telephony.sip.hop import Hop
from tests.interop.line import CARRIER, HOST, REPOSITORY, Json, Line, basic, serving
from tests.interop.peers.baresip import Baresip, need_baresip
from tests.interop.sound import channels, level, share_of_tone, tone, write_mono
from tests.ports import free_port

pytestmark = pytest.mark.interop
CALLER_HZ = 700.0
AGENT_HZ = 1100.0
OLD_DIGEST = '[[agent]]\nid = "101"\npassword = "phone-101"\ncompat = ["digest_without_qop"]\n'
"""pyVoIP knows no other."""


async def _carrier(line_port: int, carrier_port: int) -> Softphone:
    phone = Softphone(SystemClock(), Hop("UDP", HOST, line_port), "carrier", listen=Hop("UDP", CARRIER, carrier_port))
    await phone.start()
    return phone


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_baresip_answers_a_queued_call_and_both_hear_each_other(tmp_path: Path, transport: str) -> None:
    need_baresip()
    says = write_mono(tmp_path / "says.wav", tone(AGENT_HZ, 20))
    carrier_port = free_port(CARRIER)
    async with serving(tmp_path, basic(carrier_port=carrier_port)) as line:
        phone = Baresip(tmp_path / "baresip", line.sip, "101", "phone-101", says, transport)
        await phone.start()
        carrier = await _carrier(line.sip, carrier_port)
        try:
            await line.set_agent("101", "available")
            await line.until_agent("101", "available")
            call = await carrier.call("4008005555", "13800138000")
            talking = asyncio.create_task(call.voice.say_samples(tone(CALLER_HZ, 5)))
            await line.until_agent("101", "talking")
            await asyncio.sleep(4)
            await phone.command("hangup")
            await asyncio.wait_for(call.ended, 5)
            talking.cancel()
            (ended,) = await line.until_calls_ended(1)
            assert (ended["outcome"], ended["agent"], ended["reason"], ended["ended_by"]) == (
                "answered", "101", "normal", "agent",
            ), phone.log()  # fmt: skip
            assert share_of_tone(call.voice.heard_samples()[-16000:], AGENT_HZ) > 0.9
            left, right = channels(await line.recording_of(ended["id"]))
            assert share_of_tone(left[8000:24000], CALLER_HZ) > 0.9
            assert share_of_tone(right[8000:24000], AGENT_HZ) > 0.9
        finally:
            await carrier.close()
            await phone.stop()
        left, _ = _mono_or_stereo(phone.heard())
        assert share_of_tone(left[8000:24000], CALLER_HZ) > 0.9, phone.log()


def _mono_or_stereo(path: Path) -> tuple[np.ndarray, int]:
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(1 << 24), "<i2")
        return samples[:: file.getnchannels()].astype(np.int16), file.getframerate()


async def test_pyvoip_answers_a_queued_call_and_both_hear_each_other(tmp_path: Path) -> None:
    says, heard = tmp_path / "says.raw", tmp_path / "heard.raw"
    says.write_bytes(((tone(AGENT_HZ, 8).astype(int) >> 8) + 128).astype(np.uint8).tobytes())
    carrier_port = free_port(CARRIER)
    async with serving(tmp_path, basic(carrier_port=carrier_port, agents=OLD_DIGEST)) as line:
        with (tmp_path / "pyvoip.log").open("wb") as log:
            phone = await asyncio.create_subprocess_exec(
                sys.executable, "-W", "ignore", str(REPOSITORY / "tests/interop/peers/pyvoip_agent.py"),
                HOST, str(line.sip), "101", "phone-101", str(says), str(heard), str(free_port()),
                stdout=log, stderr=log,
            )  # fmt: skip
        carrier = await _carrier(line.sip, carrier_port)
        try:
            await line.set_agent("101", "available")
            await line.until_agent("101", "available")
            call = await carrier.call("4008005555", "13800138000")
            talking = asyncio.create_task(call.voice.say_samples(tone(CALLER_HZ, 8)))
            await asyncio.wait_for(call.ended, 20)
            talking.cancel()
            await asyncio.wait_for(phone.wait(), 10)
            (ended,) = await line.until_calls_ended(1)
            assert (ended["outcome"], ended["agent"], ended["ended_by"]) == ("answered", "101", "agent")
            assert share_of_tone(call.voice.heard_samples()[-24000:-8000], AGENT_HZ) > 0.8
            agent_heard = (np.frombuffer(heard.read_bytes(), np.uint8).astype(np.int16) - 128) << 8
            assert share_of_tone(agent_heard[-24000:-8000].astype(np.int16), CALLER_HZ) > 0.8
            left, right = channels(await line.recording_of(ended["id"]))
            assert share_of_tone(left[16000:32000], CALLER_HZ) > 0.9
            assert share_of_tone(right[16000:32000], AGENT_HZ) > 0.8
            assert level(left) > 500
        finally:
            await carrier.close()
            if phone.returncode is None:
                phone.terminate()
                await phone.wait()


async def test_of_two_phones_one_answers_the_other_falls_silent_and_dead_phones_get_no_calls(tmp_path: Path) -> None:
    carrier_port = free_port(CARRIER)
    async with serving(tmp_path, basic(carrier_port=carrier_port), sip_keys="phone_options_s = 1") as line:
        server = Hop("UDP", HOST, line.sip)
        rung: list[asyncio.Queue[PhoneCall]] = [asyncio.Queue(), asyncio.Queue()]
        phones = [Softphone(SystemClock(), server, "101", "phone-101", queue.put_nowait) for queue in rung]
        carrier = await _carrier(line.sip, carrier_port)
        try:
            for phone in phones:
                await phone.start()
                await phone.register()
            await line.set_agent("101", "available")
            await line.until_agent("101", "available")
            calling = asyncio.create_task(carrier.call("4008005555", "13800138000"))
            desk, soft = [await asyncio.wait_for(queue.get(), 20) for queue in rung]
            await soft.answer()
            call = await asyncio.wait_for(calling, 20)
            assert await asyncio.wait_for(desk.ended, 5) == 0, "cancelled, not refused"
            await _until_talk(line, "101")  # who hangs up before the two are joined has not talked
            soft.hang_up()
            await asyncio.wait_for(call.ended, 5)
            (ended,) = await line.until_calls_ended(1)
            assert (ended["outcome"], ended["agent"], ended["ended_by"]) == ("answered", "101", "agent")
            await _until_phones(line, ["alive", "alive"])
            for phone in phones:
                await phone.stack.close()  # they lose power: nothing is said
            await _until_phones(line, ["silent", "silent"])
            await line.until_agent("101", "offline", 40.0)
        finally:
            await carrier.close()
            for phone in phones:
                await phone.close()


async def _until_talk(line: Line, agent: str, timeout_s: float = 20.0) -> None:
    """Wait until the agent talks in the newest call."""
    async with asyncio.timeout(timeout_s):
        while (await line.calls())[0]["agent"] != agent:  # noqa: ASYNC110 - no event tells
            await asyncio.sleep(0.1)


async def _until_phones(line: Line, states: list[str], timeout_s: float = 40.0) -> None:
    """Wait until the phones are in those states."""
    async with asyncio.timeout(timeout_s):
        while True:
            phones = cast("list[Json]", await line.api.get("/phones"))
            if sorted(str(phone["state"]) for phone in phones) == sorted(states):
                return
            await asyncio.sleep(0.2)
