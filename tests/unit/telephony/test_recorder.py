"""Recordings of calls: the log knows of a file before it exists, and of its end whatever happens."""

import asyncio
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.errors import LegEnded, Unavailable
from core.events import Event, Fact
from core.wav import wav_header
from telephony.facts import RecordingFinished, RecordingStarted
from telephony.media.commands import Record
from telephony.media.recording import HEADER_BYTES
from telephony.recorder import Recorder
from tests.unit.telephony.doubles import Rooms


class Desk(Rooms):
    """Two legs and a recorder below ``folder``."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.recorder = Recorder(self.room, self.log, self.ids, self.clock, folder, ZoneInfo("Asia/Shanghai"))

    async def open(self) -> None:
        for leg in ("out", "in"):
            await self.room.open(leg, lost=lambda: None, group="c1")

    def facts(self) -> list[Fact]:
        return [event.fact for event in self.log.events]


@pytest.fixture
async def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    await desk.open()
    return desk


async def test_a_recording_from_beginning_to_end(desk: Desk) -> None:
    recording = await desk.recorder.start("c1", "out", "in", roles=("caller", "agent"))
    relative = f"2023/11/15/{recording.id}.wav"  # 2023-11-14 22:13 UTC is the 15th in Shanghai
    assert desk.facts() == [RecordingStarted(recording.id, relative, "caller", "agent")]
    assert desk.media.of(Record) == [Record(recording.id, str(desk.folder / relative), "out", "in")]
    assert (desk.folder / "2023/11/15").is_dir()
    assert await desk.recorder.finish("c1", recording) == 1.0
    assert desk.facts()[1:] == [RecordingFinished(recording.id, 1.0)]


async def test_the_log_knows_of_it_first(desk: Desk) -> None:
    seen: list[int] = []

    def look(event: Event) -> None:
        if isinstance(event.fact, RecordingStarted):
            seen.append(len(desk.media.of(Record)))

    desk.log.bus.subscribe(look)
    await desk.recorder.start("c1", "out", "in", roles=("caller", "agent"))
    assert seen == [0]


async def test_what_cannot_begin_is_over_at_once(desk: Desk) -> None:
    await desk.room.close(desk.room._legs["in"])
    with pytest.raises(LegEnded):
        await desk.recorder.start("c1", "out", "in", roles=("caller", "agent"))
    desk.media.down = True
    desk.media._lost_legs.add("out")
    with pytest.raises(Unavailable):
        await desk.recorder.start("c1", "out", "", roles=("caller", "system"))
    started, finished = desk.log.facts(RecordingStarted), desk.log.facts(RecordingFinished)
    assert [item.recording for item in started] == [item.recording for item in finished]
    assert [item.duration_s for item in finished] == [0.0, 0.0]


async def test_a_recording_whose_starter_goes_is_ended(desk: Desk) -> None:
    starting = asyncio.create_task(desk.recorder.start("c1", "out", "in", roles=("caller", "agent")))
    await asyncio.sleep(0)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert [type(item) for item in desk.facts()] == [RecordingStarted, RecordingFinished]
    assert desk.media.recordings == {}


async def test_the_file_of_a_dead_worker_is_mended(desk: Desk) -> None:
    recording = await desk.recorder.start("c1", "out", "in", roles=("caller", "agent"))
    recording.path.write_bytes(wav_header(0) + bytes(4 * 4000))
    desk.media.lose_worker()
    assert await desk.recorder.finish("c1", recording) == pytest.approx(0.5)
    assert desk.facts()[-1] == RecordingFinished(recording.id, 0.5, repaired=True)
    assert recording.path.stat().st_size == HEADER_BYTES + 16000


async def test_what_never_reached_the_disk_is_mended_to_nothing(desk: Desk) -> None:
    assert await desk.recorder.mend_stored("c1", "r-1", "2023/11/15/r-1.wav") == 0.0
    assert desk.facts() == [RecordingFinished("r-1", 0.0, repaired=True)]
