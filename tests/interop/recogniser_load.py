"""Calls that go on while the recognisers have more to do than they can: a backlog of long recordings, waiting at start.

One caller hears hold music in a queue (the media worker's own clock), one talks to an agent (packets are relayed).
"""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import numpy as np

from core.audio import RATE_HZ, Pcm
from core.bus import Bus
from core.ids import Ids
from service.clock import SystemClock
from service.demo.softphone import PhoneCall, Softphone
from store.store import Store
from telephony.facts import CallEnded, CallStarted, RecordingFinished, RecordingStarted
from telephony.sip.hop import Hop
from tests.interop.line import CARRIER, HOST, Json, Line, basic, serving
from tests.interop.spoken import real_sentences
from tests.interop.timed_voice import TimedVoice
from tests.ports import free_port
from tests.scenario.speech import write_stereo

_AGENT_NUMBER: Final = "4008006666"
_QUEUE_NUMBER: Final = "4008005555"


def _speech(seconds: float) -> Pcm:
    whole = np.concatenate([clip.audio for clip in real_sentences()])
    return np.resize(whole, round(seconds * RATE_HZ)).astype(np.int16)


async def leave_backlog(folder: Path, recordings: int, seconds: float) -> None:
    """What a line left that was stopped before it had transcribed its last calls: speech on both channels."""
    data = folder / "data"
    (data / "recordings").mkdir(parents=True)
    speech = await asyncio.to_thread(_speech, seconds)
    clock = SystemClock()
    ids = Ids(clock, secrets.token_bytes)
    url, place = f"sqlite:///{data / 'line400.db'}", data / "recordings"
    async with await Store.open(url, clock, ids, Bus(), recordings=place) as store:
        for _ in range(recordings):
            call, recording = ids.new("call"), ids.new("recording")
            await asyncio.to_thread(write_stereo, place / f"{recording}.wav", speech, speech)
            store.log.post(call, CallStarted("inbound", "13800138000", "4008001234"))
            store.log.post(call, RecordingStarted(recording, f"{recording}.wav", "caller", "agent"))
            store.log.post(call, RecordingFinished(recording, seconds))
            await store.log.commit(call, CallEnded("normal", "caller"))


@dataclass(frozen=True)
class Busy:
    """A line with a call in a queue and a talk going on."""

    line: Line
    waiting: PhoneCall
    talking: PhoneCall

    @property
    def voices(self) -> dict[str, TimedVoice]:
        return {
            "music": cast("TimedVoice", self.waiting.voice),
            "talk": cast("TimedVoice", self.talking.voice),
        }

    async def transcribed(self) -> int:
        """Recordings that have a transcript by now."""
        return sum(call["transcript"] == "ready" for call in await self.line.calls())


def _recogniser_pids(line: Line) -> list[int]:
    assert line.process is not None
    found = []
    for folder in Path(f"/proc/{line.process.pid}/task").iterdir():
        for child in (folder / "children").read_text().split():
            if b"asr.worker" in Path(f"/proc/{child}/cmdline").read_bytes():
                found.append(int(child))
    return found


@dataclass(frozen=True)
class Usage:
    """A recogniser's priority (19 is the lowest) and the CPU seconds that it has used."""

    pid: int
    nice: int
    cpu_s: float


def recognisers(line: Line) -> list[Usage]:
    """The recognisers of ``line``."""
    found = []
    for pid in _recogniser_pids(line):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        found.append(Usage(pid, int(fields[16]), (int(fields[11]) + int(fields[12])) / 100))
    return found


@contextlib.asynccontextmanager
async def busy(folder: Path, models: str) -> AsyncIterator[Busy]:
    """Serve what lies in ``folder`` and make both calls. ``models`` "" is a line without recognition."""
    port, agent_port = free_port(CARRIER), free_port()
    agents = f'[[agent]]\nid = "101"\naddress = "sip:101@{HOST}:{agent_port}"\n'
    async with serving(folder, basic(carrier_port=port, agents=agents), forked=False, LINE400_MODELS=models) as line:
        calls: list[asyncio.Task[None]] = []
        agent = Softphone(
            SystemClock(), Hop("UDP", HOST, line.sip), "101", listen=Hop("UDP", HOST, agent_port),
            on_call=lambda call: calls.append(asyncio.ensure_future(call.answer())),
        )  # fmt: skip
        carrier = Softphone(
            SystemClock(), Hop("UDP", HOST, line.sip), "carrier", listen=Hop("UDP", CARRIER, port),
            make_voice=TimedVoice,
        )  # fmt: skip
        await agent.start()
        await carrier.start()
        try:
            await line.set_agent("101", "available")
            await line.until_agent("101", "available")
            talking = await carrier.call(_AGENT_NUMBER, "13800138001")
            await line.until_agent("101", "talking")
            waiting = await carrier.call(_QUEUE_NUMBER, "13800138002")
            yield Busy(line, waiting, talking)
        finally:
            await carrier.close()
            await agent.close()


def nth_of(ordered: list[float], share: float) -> float:
    """The value below which ``share`` of ``ordered`` lies."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def spread_ms(ordered: list[float]) -> Json:
    """Percentiles of gaps in milliseconds."""
    return {
        "packets": len(ordered) + 1,
        "p50_ms": round(nth_of(ordered, 0.5), 1),
        "p99_ms": round(nth_of(ordered, 0.99), 1),
        "p99_9_ms": round(nth_of(ordered, 0.999), 1),
        "max_ms": round(ordered[-1], 1),
    }
