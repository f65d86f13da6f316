"""A codec that changes in mid call: SIPp speaks µ-law, asks by re-INVITE for G.722, and goes on in that."""

import asyncio
from pathlib import Path

import numpy as np
import pytest

from service.clock import SystemClock
from service.demo.softphone import PhoneCall, Softphone
from telephony.media.codecs import PCMU, audio_codec
from telephony.sip.hop import Hop
from tests.interop.line import CARRIER, HOST, basic, serving
from tests.interop.sipp_peer import SCENARIOS, Sipp
from tests.interop.sound import channels, share_of_tone, tone
from tests.interop.test_wide_phones import codecs_of, measured
from tests.ports import free_port

pytestmark = pytest.mark.interop
FIRST_HZ, THEN_HZ, AGENT_HZ = 600.0, 900.0, 1500.0


def _scenario(folder: Path) -> Path:
    first, then = folder / "first.ulaw", folder / "then.g722"
    first.write_bytes(PCMU.encode(tone(FIRST_HZ, 10)))
    encoder = audio_codec("G722").encoder()
    then.write_bytes(b"".join(encoder.encode(frame) for frame in np.split(tone(THEN_HZ, 10), 500)))
    text = (SCENARIOS / "uac_changes_codec.xml").read_text()
    path = folder / "scenario.xml"
    path.write_text(text.replace("@FIRST@", str(first)).replace("@THEN@", str(then)).replace("@TALK_MS@", "2500"))
    return path


async def test_the_caller_changes_from_mu_law_to_g722(tmp_path: Path) -> None:
    port = free_port(CARRIER)
    config = basic(carrier_port=port).replace(f"port = {port}", f'port = {port}\ncodecs = ["PCMA", "PCMU", "G722"]')
    calls: list[PhoneCall] = []
    tasks: list[asyncio.Task[None]] = []

    async def take(call: PhoneCall) -> None:
        calls.append(call)
        await call.answer()
        await call.voice.say_samples(tone(AGENT_HZ, 10))

    async with serving(tmp_path, config) as line:
        agent = Softphone(
            SystemClock(), Hop("UDP", HOST, line.sip), "101", "phone-101",
            lambda call: tasks.append(asyncio.create_task(take(call))),
        )  # fmt: skip
        await agent.start()
        try:
            await agent.register()
            await line.set_agent("101", "available")
            await line.until_agent("101", "available")
            caller = Sipp(
                _scenario(tmp_path), "UDP", remote=Hop("UDP", HOST, line.sip), calls=1, local=CARRIER, port=port,
                service="4008005555",
            )  # fmt: skip
            async with caller:
                outcome = await caller.done()
            assert (outcome.successful, outcome.failed) == (1, 0), outcome.errors
            (ended,) = await line.until_calls_ended(1)
            detail = await measured(line, ended["id"])
            left, right = channels(await line.recording_of(ended["id"]))
        finally:
            for task in tasks:
                task.cancel()
            await agent.close()
    assert codecs_of(detail) == {"caller": "G722", "agent": "PCMA"}
    heard = calls[0].voice.heard_samples()
    for sound in (heard, left):
        pieces = [sound[at : at + 1600] for at in range(0, len(sound) - 1600, 1600)]
        firsts = [index for index, piece in enumerate(pieces) if share_of_tone(piece, FIRST_HZ) > 0.9]
        thens = [index for index, piece in enumerate(pieces) if share_of_tone(piece, THEN_HZ) > 0.9]
        assert len(firsts) >= 8, "in fifths of a second"
        assert len(thens) >= 10
        assert max(firsts) < min(thens) <= max(firsts) + 8, "what is between the two is the way of the re-INVITE"
    middle = right[8000 : len(right) - 8000]
    assert share_of_tone(middle, AGENT_HZ) > 0.95, "what the agent says goes on through the change"
