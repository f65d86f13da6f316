"""SIPp as caller and as agent, both speaking known speech: who hears whom, and who is on which channel."""

from pathlib import Path

import numpy as np
import pytest

from core.audio import Pcm
from telephony.media.codecs import codec_named
from telephony.sip.hop import Hop
from tests.interop.line import CARRIER, HOST, basic, serving
from tests.interop.sipp_peer import SCENARIOS, Sipp
from tests.interop.sound import channels, resembles
from tests.ports import free_port
from tests.shared import need_shared

pytestmark = pytest.mark.interop


def _speaking(folder: Path, scenario: str, speech: Path, talk_ms: int = 0) -> Path:
    """The scenario with its speech filled in."""
    text = (SCENARIOS / f"{scenario}.xml").read_text()
    path = folder / f"{scenario}.xml"
    path.write_text(text.replace("@SPEECH@", str(speech)).replace("@TALK_MS@", str(talk_ms)))
    return path


def _spoken(speech: Path) -> Pcm:
    """What the listener of a mu-law file gets: its first two seconds."""
    return codec_named("PCMU").decode(speech.read_bytes()).astype(np.int16)[:16000]


async def test_a_sipp_caller_talks_to_a_sipp_agent_and_the_recording_keeps_them_apart(tmp_path: Path) -> None:
    caller_says, agent_says = need_shared("speech", "real", "zh_000.ulaw"), need_shared("speech", "real", "zh_002.ulaw")
    carrier_port, agent_port = free_port(CARRIER), free_port()
    fixed = f'[[agent]]\nid = "101"\naddress = "sip:101@{HOST}:{agent_port}"\n'
    async with serving(tmp_path, basic(carrier_port=carrier_port, agents=fixed)) as line:
        agent = Sipp(_speaking(tmp_path, "uas_speaks", agent_says), "UDP", calls=1, port=agent_port)
        caller = Sipp(
            _speaking(tmp_path, "uac_speaks", caller_says, 8000), "UDP",
            remote=Hop("UDP", HOST, line.sip), calls=1, local=CARRIER, port=carrier_port, service="4008005555",
        )  # fmt: skip
        async with agent:
            await agent.listening()
            await line.set_agent("101", "available")
            await line.until_agent("101", "available")
            async with caller:
                called, answered = await caller.done(), await agent.done()
        assert (called.successful, called.failed) == (1, 0), called.errors
        assert (answered.successful, answered.failed) == (1, 0), answered.errors
        (ended,) = await line.until_calls_ended(1)
        assert (ended["outcome"], ended["agent"], ended["reason"], ended["ended_by"]) == (
            "answered", "101", "normal", "caller",
        )  # fmt: skip
        left, right = channels(await line.recording_of(ended["id"]))
    assert resembles(left, _spoken(caller_says))
    assert resembles(right, _spoken(agent_says))
    assert not resembles(left, _spoken(agent_says))
    assert not resembles(right, _spoken(caller_says))
