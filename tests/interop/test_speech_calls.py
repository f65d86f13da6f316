"""Speech through the whole system: SIPp callers and agents speak, the talks are recorded and transcribed afterwards.

Real people's sentences in two calls, in turns; in another call only what is no speech at all. The transcript that the
API gives is compared with the texts, with decoding the same clips directly, and with the clips' places in the call.
"""

import asyncio
import statistics
import wave
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from asr import engines
from asr.models import Installed
from asr.protocol import Final
from asr.text import cer, edits, normalise
from core.audio import RATE_HZ, Pcm
from telephony.sip.hop import Hop
from tests.interop.line import CARRIER, HOST, Json, Line, serving
from tests.interop.sipp_peer import SCENARIOS, Sipp
from tests.interop.sound import begin_of, channels
from tests.interop.spoken import Clip, Said, Script, real_sentences
from tests.models import need_whisper
from tests.ports import free_port
from tests.shared import need_shared

pytestmark = [pytest.mark.interop, pytest.mark.slow]
SPEECH, NO_SPEECH = ("speech_1", "speech_2"), "no_speech"
TRUNK = '[[trunk]]\nname = "carrier"\nhost = "{carrier}"\n'
PAUSE_S = 1.0
MOST_WORSE = 0.05
"""Absolute: the call may cost so much of the character error rate."""
FIT = 0.9
"""Of half a second of a clip with itself; what else was said fits by half."""


@dataclass(frozen=True)
class Segment:
    speaker: str
    start_s: float
    end_s: float
    text: str
    words: tuple[tuple[str, float, float], ...]


@dataclass(frozen=True)
class Told:
    """A talk: what each side said, where each clip begins in the recording, and the transcript."""

    said: dict[str, list[Said]]
    began_s: dict[tuple[str, Said], float]
    transcript: list[Segment]

    def of(self, speaker: str) -> list[Segment]:
        return [segment for segment in self.transcript if segment.speaker == speaker]

    def voiced_s(self, speaker: str, said: Said) -> tuple[float, float]:
        begin, end = said.clip.voiced_s()
        return self.began_s[speaker, said] + begin, self.began_s[speaker, said] + end


@dataclass(frozen=True)
class Scripts:
    caller: Script
    agent: Script


def _talk_in_turns(clips: Sequence[Clip]) -> Scripts:
    """Caller and agent speak in turns; the other's file is silent meanwhile."""
    caller, agent = Script(), Script()
    for index, clip in enumerate(clips):
        speaker, listener = (caller, agent) if index % 2 == 0 else (agent, caller)
        speaker.pause(PAUSE_S)
        speaker.say(clip)
        listener.pause(speaker.seconds - listener.seconds)
    return Scripts(caller, agent)


def _sound(*parts: str) -> Pcm:
    with wave.open(str(need_shared("audio", *parts))) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.int16)


def _no_speech() -> Scripts:
    """Music, tones, ringing and silence from the caller; hiss and hum from the agent. 40 s."""
    caller, agent = Script(), Script()
    caller.play(_sound("system", "hold_music.wav")[: 14 * RATE_HZ])
    for name in ("ringback", "busy", "congestion", "dial", "beep"):
        caller.play(_sound("tones", f"{name}.wav"))
        caller.pause(1)
    chance, times = np.random.default_rng(400), np.arange(15 * RATE_HZ) / RATE_HZ
    agent.play(chance.normal(0, 300, times.size).astype(np.int16))
    agent.play((2000 * np.sin(2 * np.pi * 50 * times)).astype(np.int16))
    return Scripts(caller, agent)


class _Stage:
    """The SIPp peers of the talks, and the folder of their files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def scenario(self, name: str, tale: str, script: Script, talk_ms: int = 0) -> Path:
        speech = script.write(self._folder / f"{tale}-{name}.ulaw", then_silent_s=15)
        text = (SCENARIOS / f"{name}.xml").read_text()
        path = self._folder / f"{tale}-{name}.xml"
        path.write_text(text.replace("@SPEECH@", str(speech)).replace("@TALK_MS@", str(talk_ms)))
        return path

    def agent(self, tale: str, script: Script, port: int) -> Sipp:
        path = self.scenario("uas_speaks", tale, script)
        return Sipp(path, "UDP", calls=1, port=port)

    async def call(self, tale: str, scripts: Scripts, line: Line, number: str) -> None:
        seconds = max(scripts.caller.seconds, scripts.agent.seconds) + 1.5
        path = self.scenario("uac_speaks", tale, scripts.caller, round(1000 * seconds))
        remote = Hop("UDP", HOST, line.sip)
        caller = Sipp(path, "UDP", remote=remote, calls=1, local=CARRIER, port=free_port(CARRIER), service=number)
        async with caller:
            outcome = await caller.done()
        assert (outcome.successful, outcome.failed) == (1, 0), outcome.errors


async def _transcription(line: Line, call_id: object) -> object:
    (recording,) = cast("list[Json]", (await line.call(call_id))["recordings"])
    return recording["transcript"]


async def _transcript(line: Line, call_id: object, timeout_s: float = 90.0) -> list[Segment]:
    async with asyncio.timeout(timeout_s):
        while (state := await _transcription(line, call_id)) != "ready":
            assert state != "failed"
            await asyncio.sleep(0.5)
    found = cast("Json", await line.api.get(f"/calls/{call_id}/transcript"))
    return [
        Segment(
            str(item["speaker"]), float(item["start_s"]), float(item["end_s"]), str(item["text"]),
            tuple((word["text"], word["start_s"], word["end_s"]) for word in item["words"]),
        )
        for item in cast("list[dict[str, object]]", found["segments"])
    ]  # fmt: skip


async def _told(line: Line, call: Json, scripts: Scripts) -> Told:
    sides = dict(zip(("caller", "agent"), channels(await line.recording_of(call["id"])), strict=True))
    began: dict[tuple[str, Said], float] = {}
    for name, script in (("caller", scripts.caller), ("agent", scripts.agent)):
        before = 0  # a sender that a busy machine holds up says all that follows later
        for said in script.said:
            place, fit = begin_of(sides[name][before:], said.clip.audio)
            assert fit > FIT, f"{name}: the recording has not what was said at {said.at_s:.1f} s ({fit:.2f})"
            before += place
            began[name, said] = before / RATE_HZ
    said = {"caller": scripts.caller.said, "agent": scripts.agent.said}
    return Told(said, began, await _transcript(line, call["id"]))


async def _perform(folder: Path, model: Installed) -> dict[str, Told]:
    """All talks at once, on one served line."""
    stage = _Stage(folder)
    sentences = real_sentences()
    tales = {**{tale: _talk_in_turns(sentences[part::2]) for part, tale in enumerate(SPEECH)}, NO_SPEECH: _no_speech()}
    agents = {tale: f"20{place}" for place, tale in enumerate(tales)}
    ports = {tale: free_port() for tale in tales}
    fixed = "".join(
        f'[[agent]]\nid = "{agent}"\naddress = "sip:{agent}@{HOST}:{ports[tale]}"\n' for tale, agent in agents.items()
    )
    numbers = "".join(f'[[number]]\nnumber = "4008007{agent}"\nto = "agent:{agent}"\n' for agent in agents.values())
    config = TRUNK.format(carrier=CARRIER) + fixed + numbers
    async with serving(folder, config, LINE400_MODELS=str(model.path.parent)) as line, AsyncExitStack() as peers:
        for tale, agent in agents.items():
            phone = await peers.enter_async_context(stage.agent(tale, tales[tale].agent, ports[tale]))
            await phone.listening()
            await line.set_agent(agent, "available")
            await line.until_agent(agent, "available")
        await asyncio.gather(
            *(stage.call(tale, scripts, line, f"4008007{agents[tale]}") for tale, scripts in tales.items())
        )
        ended = {str(call["dnis"]): call for call in await line.until_calls_ended(len(tales))}
        return {tale: await _told(line, ended[f"4008007{agents[tale]}"], tales[tale]) for tale in tales}


@pytest.fixture(scope="module")
def model() -> Installed:
    return need_whisper()


@pytest.fixture(scope="module")
def talks(tmp_path_factory: pytest.TempPathFactory, model: Installed) -> dict[str, Told]:
    return asyncio.run(_perform(tmp_path_factory.mktemp("speech"), model))


def _directly(model: Installed, clips: Sequence[Clip]) -> dict[str, str]:
    """Each clip decoded by the same engine, without any call."""
    engine = engines.load(model.engine, model.path)
    heard = {}
    for clip in clips:
        recogniser = engine.recogniser()
        said = [*recogniser.accept(clip.audio), *recogniser.finish()]
        heard[clip.name] = "".join(found.text for found in said if isinstance(found, Final))
    return heard


def test_a_call_costs_the_transcript_at_most_five_points_of_character_errors(
    talks: dict[str, Told], model: Installed
) -> None:
    directly = _directly(model, real_sentences())
    wanted = {clip.name: clip.text for clip in real_sentences()}
    length = sum(len(normalise(text)) for text in wanted.values())
    direct = sum(edits(normalise(text), normalise(directly[name])) for name, text in wanted.items()) / length
    wrong = 0
    for told, speaker, side in ((talks[tale], *of) for tale in SPEECH for of in talks[tale].said.items()):
        text = normalise("".join(said.clip.text for said in side))
        heard = normalise("".join(segment.text for segment in told.of(speaker)))
        wrong += edits(text, heard)
        print(f"{speaker}: {cer(text, heard):.3f}\n  {text}\n  {heard}")
    by_call = wrong / length
    print(f"characters {length}, error rate directly {direct:.4f}, by call {by_call:.4f}")
    assert by_call <= direct + MOST_WORSE


def test_segments_and_words_are_where_they_were_said_and_in_order(talks: dict[str, Told]) -> None:
    for told in talks.values():
        starts = [segment.start_s for segment in told.transcript]
        assert starts == sorted(starts)
    off: list[float] = []
    astray = total = 0
    for told, speaker, side in ((talks[tale], *of) for tale in SPEECH for of in talks[tale].said.items()):
        spoken = [told.voiced_s(speaker, said) for said in side]
        for begin, end in spoken:
            inside = [one for one in told.of(speaker) if one.end_s > begin and one.start_s < end]
            assert inside, f"nothing was heard of what the {speaker} said at {begin:.1f} s"
            off.append(abs(inside[0].start_s - begin))
        for segment in told.of(speaker):
            for _, start_s, end_s in segment.words:
                total += 1
                middle = (start_s + end_s) / 2
                astray += not any(begin - 0.2 <= middle <= end + 0.2 for begin, end in spoken)
                assert segment.start_s - 0.05 <= start_s <= end_s <= segment.end_s + 0.5
    print(f"segments begin off by {statistics.median(off):.3f} s (median), {max(off):.3f} s (most)")
    print(f"words not within the clip they belong to: {astray} of {total}")
    assert statistics.median(off) <= 0.1
    assert max(off) <= 0.5
    assert astray <= total * 0.02


def test_nothing_is_heard_in_music_tones_ringing_hiss_and_silence(talks: dict[str, Told]) -> None:
    assert [(segment.speaker, segment.text) for segment in talks[NO_SPEECH].transcript] == []
