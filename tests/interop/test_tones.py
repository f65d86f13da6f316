"""Tones through a real ``line400 serve``: a far end that knows no telephone-event presses keys as tones, and hears
ring-back while the agent it chose is rung.
"""

import asyncio
import re
from pathlib import Path

import numpy as np
import pytest

from core.audio import FRAME_SAMPLES, RATE_HZ, Pcm
from service.demo.softphone import CODECS, PhoneCall
from telephony.media.client import MediaClient
from telephony.media.port import MediaEvent, Stream, Tone, ToneHeard
from telephony.media.tones import key_tone
from telephony.negotiation import SdpSide
from telephony.sip.hop import Hop
from telephony.sound.cadence import ToneFound
from telephony.sound.detect import Listener
from telephony.sound.levels import peak_of
from tests.interop.handset import Handset
from tests.interop.house import AGENT_HZ, House, hears, write_prompts
from tests.interop.line import CARRIER, serving
from tests.interop.rtp_peer import Peer
from tests.interop.sound import share_of_tone
from tests.ports import free_port

pytestmark = pytest.mark.interop

NUMBER = "4008012001"
FLOW = """
name = "choose"
start = "menu"
[nodes.menu]
kind = "menu"
prompts = ["menu_main"]
choices.wrong = {key = "8", goto = "bye"}
choices.boss = {key = "5", goto = "boss"}
no_input_s = 5
fallback = "bye"
[nodes.boss]
kind = "agent"
agent = "101"
[nodes.bye]
kind = "hangup"
"""
_EVENTS = re.compile(rb"a=(rtpmap:\d+ telephone-event|fmtp:\d+ 0-1[56])[^\r]*\r\n")

PURE = 0.9
RINGS_S = 12.0
"""While the agent is rung: packets that a busy machine skips spoil a burst or two, seldom all of them."""


class PlainSdp(SdpSide):
    """Descriptions of a far end that never heard of RFC 4733."""

    def offer(self) -> bytes:
        return _EVENTS.sub(b"", super().offer())

    def answer(self, offer: bytes) -> tuple[bytes, Stream]:
        answer, stream = super().answer(offer)
        return _EVENTS.sub(b"", answer), stream


class OldExchange(Handset):
    """A carrier without telephone-event."""

    async def _new_call(self, number: str) -> PhoneCall:
        voice = self._make_voice()
        return PhoneCall(self.stack, number, voice, PlainSdp(await voice.open(), CODECS))


def key(name: str, ms: int = 100) -> Pcm:
    return np.concatenate([key_tone(name, 0, RATE_HZ * ms // 1000), np.zeros(RATE_HZ // 10, np.int16)])


async def test_a_key_as_a_tone_puts_through_to_an_agent_who_rings_with_450_hz(tmp_path: Path) -> None:
    prompts = write_prompts(tmp_path / "prompts")
    flow = tmp_path / "choose.toml"
    flow.write_text(FLOW, encoding="utf-8")
    port = free_port(CARRIER)
    more = (
        f'[[trunk]]\nname = "carrier"\nhost = "{CARRIER}"\nport = {port}\nmax_calls = 4\n'
        '[[agent]]\nid = "101"\npassword = "phone-101"\n'
        f'[[flow]]\nname = "choose"\nfile = "{flow}"\n'
        f'[[number]]\nnumber = "{NUMBER}"\nto = "flow:choose"\n'
    )
    async with serving(tmp_path, more, top=f'prompts = "{prompts}"\n') as line:
        house = House(line, {})
        following = asyncio.create_task(house.follow())
        carrier = OldExchange(house.server, "carrier", listen=Hop("UDP", CARRIER, port))
        await carrier.start()
        try:
            async with house.person("101") as agent:
                call = await carrier.call(NUMBER, caller := house.caller())
                await hears(call, "menu_main")
                await call.voice.say_samples(key("5"))
                carrier.press_by_info(call, "5")  # the same key by another way: it must not count again
                ringing = await agent.rung()
                await asyncio.sleep(6.2)  # a burst, the silence after it and the next burst
                async with asyncio.timeout(RINGS_S):
                    while faults := _faults_of_ringback(call.voice.heard_samples()[-int(6.1 * RATE_HZ) :]):
                        print("not yet:", faults)
                        await asyncio.sleep(0.25)
                await ringing.answer()
                house.speak(ringing, AGENT_HZ)
                await hears(call, "agent")
                begin = len(call.voice.heard)
                await asyncio.sleep(1.0)
                talk = np.concatenate(call.voice.heard[begin:])
                assert share_of_tone(talk, AGENT_HZ) > 0.95
                assert share_of_tone(talk, 450) < 0.001  # it no longer rings
                call.hang_up()
                await house.until(caller, "call.ended", reason="normal", by="caller")
                assert house.facts(caller, "ivr.failed") == []
        finally:
            following.cancel()
            await carrier.close()


def _faults_of_ringback(heard: Pcm) -> list[str]:
    """What is missing to 450 Hz at -10 dBm0, 1 s on and 4 s off, of which our own detector says so."""
    loud = np.abs(heard[: len(heard) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)).max(axis=1) > 1000
    share, peak = share_of_tone(heard, 450), np.abs(heard.astype(int)).max() / peak_of(-10)
    found = [it.tone for it in Listener(["ringback", "busy", "congestion", "dial"]).take(heard)]
    held = {
        f"450 Hz: {share:.2f}": share > PURE,
        f"level: {peak:.2f}": 0.95 < peak < 1.05,
        f"on: {loud.mean():.2f}": 0.15 < loud.mean() < 0.4,  # a burst or two of 1 s in 6.1 s
        f"found: {found}": found == ["ringback"],
    }
    return [fault for fault, holds in held.items() if not holds]


async def test_a_worker_plays_tones_and_tells_of_those_it_hears() -> None:
    client = MediaClient(port_range=(23400, 23499))
    events: asyncio.Queue[MediaEvent] = asyncio.Queue()
    client.subscribe(events.put_nowait)
    await client.start()
    peer = Peer("PCMU", 450.0)
    try:
        peer.start(await client.open("a"))
        await client.update("a", peer.stream())
        await client.listen("a", {"dial", "busy"})
        await client.play("a", "p", [Tone("busy")])
        begun = await asyncio.wait_for(events.get(), 8.0)
        assert begun == ToneHeard("a", "dial", pytest.approx(0.1, abs=0.5))
        heard = peer.heard()
        peer.mute()
        over = await asyncio.wait_for(events.get(), 5.0)
        assert isinstance(over, ToneHeard)
        assert (over.tone, over.over) == ("dial", True)
        assert over.began_s > begun.began_s + 2.0
        (busy,) = Listener(["busy", "congestion"]).take(heard)
        assert isinstance(busy, ToneFound)
        assert busy.tone == "busy"
    finally:
        peer.stop()
        await client.shut_down()
