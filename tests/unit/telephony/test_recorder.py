"""Recordings of calls: the log knows of a file before it exists, and of its end whatever happens."""

import asyncio
import threading
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.bus import MemoryLog
from core.errors import LegEnded, LocalProtocolError, Unavailable
from core.events import Event, Fact
from core.wav import wav_header
from telephony.facts import (
    RecordingFaulty,
    RecordingFinished,
    RecordingGap,
    RecordingPaused,
    RecordingResumed,
    RecordingStarted,
)
from telephony.media import port
from telephony.media.commands import PauseRecord, Record
from telephony.media.recording import HEADER_BYTES
from telephony.recorder import Recorder, Trouble
from telephony.recording import SLOW_END
from tests.unit.telephony.doubles import Rooms


class Desk(Rooms):
    """Two legs and a recorder below ``folder``."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.recorder = self.with_patience(30.0)

    def with_patience(self, patience_s: float) -> Recorder:
        return Recorder(
            self.room, self.log, self.ids, self.clock, self.folder, ZoneInfo("Asia/Shanghai"), patience_s=patience_s
        )

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


async def test_a_pause_is_in_the_log_with_who_asked_and_its_gap_at_the_end(desk: Desk) -> None:
    recording = await desk.recorder.start("c1", "out", "in", roles=("caller", "agent"))
    assert desk.recorder.state("c1") == "recording"
    for _ in range(2):
        await desk.recorder.pause("c1", "amy")
    assert desk.recorder.state("c1") == "paused"
    assert desk.media.of(PauseRecord) == [PauseRecord(recording.id)]
    for _ in range(2):
        await desk.recorder.resume("c1", "anna")
    assert desk.recorder.state("c1") == "recording"
    await desk.recorder.finish("c1", recording)
    assert desk.recorder.state("c1") == ""
    assert desk.facts()[1:] == [
        RecordingPaused(recording.id, "amy"),
        RecordingResumed(recording.id, "anna"),
        RecordingGap(recording.id, 0.0, 1.0, "paused"),  # the double's words
        RecordingFinished(recording.id, 1.0),
    ]


async def test_there_must_be_something_to_pause(desk: Desk) -> None:
    with pytest.raises(LocalProtocolError, match="not being recorded"):
        await desk.recorder.pause("c1", "amy")
    with pytest.raises(LocalProtocolError):
        await desk.recorder.resume("c9", "amy")


async def test_the_pauses_of_a_dead_worker_are_still_told(desk: Desk) -> None:
    recording = await desk.recorder.start("c1", "out", "in", roles=("caller", "agent"))
    desk.clock.advance(2.0)
    await desk.recorder.pause("c1", "amy")
    desk.clock.advance(3.0)
    await desk.recorder.resume("c1", "amy")
    desk.clock.advance(4.0)
    await desk.recorder.pause("c1", "amy")  # beyond what reached the disk
    recording.path.write_bytes(wav_header(0) + bytes(4 * 8 * 8000))
    desk.media.lose_worker()
    assert await desk.recorder.finish("c1", recording) == 8.0
    assert desk.facts()[-2:] == [
        RecordingGap(recording.id, 2.0, 5.0, "paused"),
        RecordingFinished(recording.id, 8.0, repaired=True),
    ]


async def test_a_full_disk_is_in_the_log_at_once_and_once(desk: Desk) -> None:
    recording = await desk.recorder.start("c1", "out", "in", roles=("caller", "agent"))
    desk.media.emit(port.RecordingFaulty(recording.id, "disk full"))
    await asyncio.sleep(0)
    assert desk.facts()[1:] == [RecordingFaulty(recording.id, "disk full")]
    assert desk.recorder.trouble == Trouble(recording.id, "disk full", desk.clock.now())
    stopping = asyncio.create_task(desk.recorder.finish("c1", recording))
    await stopping
    assert len(desk.log.facts(RecordingFaulty)) == 1


async def test_a_recording_that_could_not_begin_is_an_alarm(desk: Desk) -> None:
    recording = await desk.recorder.start("c1", "out", "in", roles=("caller", "agent"))
    desk.media.recordings.clear()
    desk.media.emit(port.RecordingClosed(recording.id, 0.0, "the file cannot be made: No space left on device"))
    await asyncio.sleep(0)
    assert await desk.recorder.finish("c1", recording) == 0.0
    assert [fact.fault for fact in desk.log.facts(RecordingFaulty)] == [
        "the file cannot be made: No space left on device"
    ]


async def test_a_new_day_that_begins_with_a_full_disk_waits_in_the_folder_that_is_there(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: object, **_options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "mkdir", full)
    recording = await desk.recorder.start("c1", "out", "in", roles=("caller", "agent"))
    assert desk.facts() == [RecordingStarted(recording.id, f"{recording.id}.wav", "caller", "agent")]
    assert desk.media.of(Record) == [Record(recording.id, str(desk.folder / f"{recording.id}.wav"), "out", "in")]


class StuckLog(MemoryLog):
    """Its disk takes nothing: facts wait in order, and so does who wants to know of one that it is written."""

    async def commit(self, call_id: str, item: Fact) -> Event:
        self.post(call_id, item)
        return await asyncio.get_running_loop().create_future()


async def test_a_log_whose_disk_is_full_keeps_no_talk_waiting(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    desk.log = StuckLog(desk.clock)
    desk.recorder = desk.with_patience(0.01)
    recording = await desk.recorder.start("c1", "out", "in", roles=("caller", "agent"))
    assert [record.recording for record in desk.media.of(Record)] == [recording.id]
    assert "before the log has written" in caplog.text
    assert await desk.recorder.finish("c1", recording) == 1.0
    assert [type(item) for item in desk.facts()] == [RecordingStarted, RecordingFinished]


async def test_a_folder_that_hangs_keeps_no_talk_waiting(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    back = threading.Event()
    monkeypatch.setattr(Path, "mkdir", lambda *_arguments, **_options: back.wait())
    desk.recorder = desk.with_patience(0.01)
    try:
        recording = await desk.recorder.start("c1", "out", "in", roles=("caller", "agent"))
    finally:
        back.set()
    assert desk.media.of(Record) == [Record(recording.id, str(desk.folder / f"{recording.id}.wav"), "out", "in")]


async def test_a_file_that_its_worker_still_writes_is_left_to_it_and_an_alarm(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk is so slow that the end of the recording takes long: nobody repairs what is not broken."""

    async def waits_for_the_disk(_recording: str) -> None:
        return

    monkeypatch.setattr("telephony.recording.RECORDING_CLOSE_S", 0.01)
    monkeypatch.setattr(desk.media, "stop_record", waits_for_the_disk)
    recording = await desk.recorder.start("c1", "out", "in", roles=("caller", "agent"))
    finishing = asyncio.create_task(desk.recorder.finish("c1", recording))
    async with asyncio.timeout(10):
        while not desk.log.facts(RecordingFaulty):  # noqa: ASYNC110 - time has to pass
            await asyncio.sleep(0.01)
    assert desk.recorder.trouble == Trouble(recording.id, SLOW_END, desk.clock.now())
    assert not finishing.done()
    desk.media.emit(port.RecordingClosed(recording.id, 60.0, gaps=(port.Gap(4.0, 9.0, "disk"),)))
    assert await finishing == 60.0
    assert desk.facts()[1:] == [
        RecordingFaulty(recording.id, SLOW_END),
        RecordingGap(recording.id, 4.0, 9.0, "disk"),
        RecordingFinished(recording.id, 60.0),
    ]


async def test_a_caller_put_through_stays_one_recording(desk: Desk) -> None:
    recording = await desk.recorder.start("c1", "out", "in", roles=("caller", "agent"))
    await desk.room.open("in2", lost=lambda: None, group="c1")
    await recording.switch("out", "in2")
    assert desk.media.recordings[recording.id].right == "in2"
    await desk.recorder.finish("c1", recording)
    assert [type(item) for item in desk.facts()] == [RecordingStarted, RecordingFinished]
