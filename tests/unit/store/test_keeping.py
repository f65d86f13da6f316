"""Recordings after their calls, with a real store and real files: compressed, held, deleted, and killed in between."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from archive import jobs
from archive.check import OK, check
from archive.facts import RecordingDeleted, RecordingHeld, RecordingKept, RecordingNotKept, RecordingReleased
from archive.jobs import DAY_S, MAX_TRIES, KeepJobs, KeepRules, Leftover, clear_away, erase
from archive.keys import load_or_make_key
from archive.pack import Packed, PackOrder, pack
from archive.seal import key_id
from archive.sound import open_sound
from core.errors import LocalProtocolError, Unavailable
from store.rows import GapRow, RecordingRow
from store.store import Store
from store.writer import Work
from telephony.facts import CallStarted, RecordingFinished, RecordingGap, RecordingStarted
from tests.unit.archive.sounds import talk, write_wav
from tests.unit.store.conftest import Desk


class HandPacker:
    """Packs in process; ``before`` may do mischief first."""

    def __init__(self) -> None:
        self.orders: list[PackOrder] = []
        self.before: Callable[[], None] = lambda: None

    async def pack(self, order: PackOrder) -> Packed:
        self.orders.append(order)
        self.before()
        return pack(order)


class Bench:
    """A store with recordings of 3 s each, and the jobs over it."""

    def __init__(self, desk: Desk, store: Store) -> None:
        self.desk, self.store = desk, store
        self.folder = desk.folder / "recordings"
        self.packer = HandPacker()

    def jobs(self, rules: KeepRules | None = None) -> KeepJobs:
        return KeepJobs(self.store.keeping, self.packer, self.desk.clock, rules or KeepRules())

    async def record(self, name: str, *, file: bool = True) -> Path:
        path = self.folder / "day" / f"{name}.wav"
        self.store.log.post(f"c-{name}", CallStarted("inbound", "", ""))
        self.store.log.post(f"c-{name}", RecordingStarted(name, f"day/{name}.wav", "caller", "agent"))
        if file:
            write_wav(path, talk(3.0))
        await self.store.log.commit(f"c-{name}", RecordingFinished(name, 3.0))
        return path

    async def row(self, name: str) -> RecordingRow:
        row = await self.store.calls.recording(name)
        assert row is not None
        return row

    def files(self) -> list[str]:
        return sorted(path.name for path in self.folder.rglob("*") if path.is_file())

    def facts(self, kind: type) -> list[object]:
        return [event.fact for event in self.desk.heard if isinstance(event.fact, kind)]


@pytest.fixture
def bench(desk: Desk, store: Store) -> Bench:
    return Bench(desk, store)


async def test_a_finished_recording_becomes_flac_and_its_wav_goes(bench: Bench) -> None:
    path = await bench.record("r-1")
    await bench.jobs().work_off()
    row = await bench.row("r-1")
    assert bench.files() == ["r-1.flac"]
    assert (row.path, row.keeping, row.keep_as, row.key) == ("day/r-1.flac", "kept", "flac", "")
    assert row.size == path.with_suffix(".flac").stat().st_size
    assert bench.facts(RecordingKept) == [
        RecordingKept("r-1", row.path, "flac", row.size or 0, row.sha256, row.pcm_sha256)
    ]
    (stored,) = await bench.store.keeping.to_check()
    assert check(stored, None, decode=True).state == OK
    peaks = await bench.store.keeping.peaks("r-1")
    assert peaks is not None and peaks.slices.shape == (300, 2)
    with open_sound(path) as sound:  # the old name finds it
        assert np.array_equal(sound.read(0, 24_000), talk(3.0))
    (waiting,) = await bench.store.transcripts.pending()
    assert waiting.path == path.with_suffix(".flac")
    await bench.jobs().work_off()
    assert len(bench.packer.orders) == 1


async def test_what_is_packed_together_is_noted_together(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    written, write = 0, bench.store.log.write

    async def counted(work: Work[None], *, durable: bool = True) -> None:
        nonlocal written
        written += 1
        await write(work, durable=durable)

    names = [f"r-{number}" for number in range(5)]
    for name in names:
        await bench.record(name)
    (bench.folder / "day" / "r-3.wav").write_text("this is no sound")
    monkeypatch.setattr(bench.store.log, "write", counted)
    monkeypatch.setattr(jobs, "TOGETHER", 2)
    monkeypatch.setattr(jobs, "TOGETHER_S", 3600.0)
    await bench.jobs().work_off()
    assert bench.files() == [f"r-{number}.{'wav' if number == 3 else 'flac'}" for number in range(5)]
    assert [fact.recording for fact in bench.facts(RecordingKept)] == ["r-0", "r-1", "r-2", "r-4"]  # type: ignore[attr-defined]
    assert [(await bench.row(name)).keeping for name in names] == ["kept"] * 3 + ["waiting", "kept"]
    assert await bench.store.keeping.leftovers() == ()
    assert written == 4, "two notes and two of files that are gone"


async def test_those_that_were_packed_before_the_packer_broke_off_are_kept(bench: Bench) -> None:
    for name in ("r-1", "r-2", "r-3"):
        await bench.record(name)

    def second_dies() -> None:
        if len(bench.packer.orders) == 2:
            raise Unavailable("the packer did not finish")

    bench.packer.before = second_dies
    assert await bench.jobs().work_off() == 10.0
    assert bench.files() == ["r-1.flac", "r-2.wav", "r-3.wav"]
    assert (await bench.row("r-1")).keeping == "kept"


async def test_sealed_ones_name_their_key(bench: Bench) -> None:
    key_file = bench.desk.folder / "recordings.key"
    key = key_id(load_or_make_key(key_file))
    await bench.record("r-1")
    await bench.jobs(KeepRules("flac", key_file=key_file, key=key)).work_off()
    row = await bench.row("r-1")
    assert (row.path, row.key) == ("day/r-1.flac.sealed", key)
    assert bench.files() == ["r-1.flac.sealed"]


async def test_a_wav_that_stays_is_not_deleted(bench: Bench) -> None:
    await bench.record("r-1")
    await bench.jobs(KeepRules("wav")).work_off()
    row = await bench.row("r-1")
    assert (row.keep_as, row.path, bench.files()) == ("wav", "day/r-1.wav", ["r-1.wav"])
    assert await bench.store.keeping.leftovers() == ()


async def test_a_kill_after_any_step_loses_and_leaves_nothing(bench: Bench) -> None:
    path = await bench.record("r-1")
    pack(PackOrder(str(path), "flac"))  # killed before the store knew
    assert bench.files() == ["r-1.flac", "r-1.wav"]
    (job,) = await bench.store.keeping.to_keep()
    await bench.store.keeping.kept([(job, pack(PackOrder(str(path), "flac")))], "")  # killed before the WAV went
    assert bench.files() == ["r-1.flac", "r-1.wav"]
    assert await bench.store.keeping.leftovers() == (Leftover("r-1", path, everything=False),)
    await bench.jobs().work_off()
    assert bench.files() == ["r-1.flac"]
    assert await bench.store.keeping.leftovers() == ()
    await bench.store.keeping.delete("r-1", "admin", "wish")  # killed before the file went
    assert bench.files() == ["r-1.flac"]
    await bench.jobs().work_off()
    assert bench.files() == []


async def test_failures_are_tried_again_later_and_given_up(bench: Bench) -> None:
    path = await bench.record("r-1")
    path.write_text("this is no sound")
    jobs = bench.jobs()
    for tries in range(1, MAX_TRIES + 1):
        assert await jobs.work_off() > 0
        await jobs.work_off()
        assert len(bench.packer.orders) == tries
        bench.desk.clock.advance(7200.0)
    await jobs.work_off()
    row = await bench.row("r-1")
    assert (row.keeping, row.path) == ("failed", "day/r-1.wav")
    assert "not a recording" in row.keep_why
    assert [fact.final for fact in bench.facts(RecordingNotKept)] == [False] * 4 + [True]  # type: ignore[attr-defined]
    assert bench.files() == ["r-1.wav"]


async def test_a_file_that_is_not_there_is_given_up_at_once(bench: Bench) -> None:
    await bench.record("r-1", file=False)
    await bench.jobs().work_off()
    assert (await bench.row("r-1")).keeping == "failed"


async def test_a_packer_in_trouble_keeps_the_others_for_later(bench: Bench) -> None:
    def die() -> None:
        raise Unavailable("the packer did not finish")

    bench.packer.before = die
    for name in ("r-1", "r-2"):
        await bench.record(name)
    jobs = bench.jobs()
    assert await jobs.work_off() == 10.0
    assert len(bench.packer.orders) == 1
    bench.packer.before = lambda: None
    await jobs.work_off()
    bench.desk.clock.advance(30.0)
    await jobs.work_off()
    assert bench.files() == ["r-1.flac", "r-2.flac"]


async def test_what_the_end_of_the_service_breaks_off_is_no_fault_of_the_recording(bench: Bench) -> None:
    jobs = bench.jobs()

    def end() -> None:
        jobs.stop()
        raise Unavailable("the packer did not finish")

    bench.packer.before = end
    for name in ("r-1", "r-2"):
        await bench.record(name)
    await jobs.work_off()
    await jobs.work_off()
    assert len(bench.packer.orders) == 1 and bench.facts(RecordingNotKept) == []
    bench.packer.before = lambda: None
    await bench.jobs().work_off()
    assert bench.files() == ["r-1.flac", "r-2.flac"]


async def test_retention_deletes_what_is_old_unless_it_is_held(bench: Bench) -> None:
    for name in ("r-1", "r-2"):
        await bench.record(name)
    bench.store.log.post("c-3", RecordingStarted("r-3", "day/r-3.wav", "caller", "agent"))
    jobs = bench.jobs(KeepRules(keep_days=30))
    await jobs.work_off()
    await bench.store.keeping.hold("r-2", "anna", "complaint 17")
    bench.desk.clock.advance(29 * DAY_S)
    await bench.record("r-4")
    await jobs.work_off()
    assert bench.files() == ["r-1.flac", "r-2.flac", "r-4.flac"]
    bench.desk.clock.advance(1.1 * DAY_S)
    await jobs.work_off()
    assert bench.files() == ["r-2.flac", "r-4.flac"]
    assert bench.facts(RecordingDeleted) == [RecordingDeleted("r-1", "line400", "retention")]
    gone = await bench.row("r-1")
    assert (gone.keeping, gone.deleted_at, gone.transcription) == ("deleted", bench.desk.clock.now(), "failed")
    assert await bench.store.keeping.peaks("r-1") is None
    assert [row.id for row in await bench.store.keeping.held()] == ["r-2"]
    held = await bench.row("r-2")
    assert (held.held_by, held.held_why) == ("anna", "complaint 17")
    await bench.store.keeping.release("r-2", "anna")
    await bench.store.keeping.release("r-2", "anna")
    assert bench.facts(RecordingHeld) == [RecordingHeld("r-2", "anna", "complaint 17")]
    assert bench.facts(RecordingReleased) == [RecordingReleased("r-2", "anna")]
    bench.desk.clock.advance(600.0)
    await jobs.work_off()
    assert bench.files() == ["r-4.flac"]


async def test_what_is_held_cannot_be_deleted_and_what_is_deleted_cannot_be_held(bench: Bench) -> None:
    await bench.record("r-1")
    await bench.store.keeping.hold("r-1", "anna", "")
    with pytest.raises(LocalProtocolError, match="legal hold"):
        await bench.store.keeping.delete("r-1", "admin", "wish")
    await bench.store.keeping.release("r-1", "anna")
    await bench.store.keeping.delete("r-1", "admin", "wish")
    await bench.store.keeping.delete("r-1", "admin", "wish")
    assert len(bench.facts(RecordingDeleted)) == 1
    with pytest.raises(LocalProtocolError, match="deleted already"):
        await bench.store.keeping.hold("r-1", "anna", "")
    with pytest.raises(LocalProtocolError, match="no recording"):
        await bench.store.keeping.hold("r-9", "anna", "")
    bench.store.log.post("c-3", RecordingStarted("r-3", "day/r-3.wav", "caller", "agent"))
    with pytest.raises(LocalProtocolError, match="still being made"):
        await bench.store.keeping.delete("r-3", "admin", "wish")


async def test_one_deleted_while_it_is_packed_stays_deleted(bench: Bench) -> None:
    path = await bench.record("r-1")
    (job,) = await bench.store.keeping.to_keep()
    packed = pack(PackOrder(str(path), "flac"))
    await bench.store.keeping.delete("r-1", "admin", "wish")
    jobs = bench.jobs()
    await clear_away(bench.store.keeping)
    write_wav(path.with_suffix(".flac"), talk(0.1))  # the packer was still at it
    await bench.store.keeping.kept([(job, packed)], "")
    await jobs.work_off()
    assert bench.files() == []
    assert (await bench.row("r-1")).keeping == "deleted"


async def test_gaps_are_told_with_the_recording(bench: Bench) -> None:
    await bench.record("r-1")
    for gap in (RecordingGap("r-1", 2.0, 2.5, "paused"), RecordingGap("r-1", 0.5, 1.0, "disk")):
        await bench.store.log.commit("c-r-1", gap)
    assert (await bench.row("r-1")).gaps == (GapRow(0.5, 1.0, "disk"), GapRow(2.0, 2.5, "paused"))
    detail = await bench.store.calls.get("c-r-1")
    assert detail is not None
    assert detail.recordings == (replace(await bench.row("r-1")),)


def test_nothing_else_is_erased(tmp_path: Path) -> None:
    for name in ("r-1.wav", "r-1.flac", "r-1.flac.sealed", "r-1.opus.9.sound.part", "r-10.wav", "r-1x.flac"):
        (tmp_path / name).write_text("x")
    erase(Leftover("r-1", tmp_path / "r-1.wav", everything=False))
    assert not (tmp_path / "r-1.wav").exists() and (tmp_path / "r-1.flac").exists()
    erase(Leftover("r-1", tmp_path / "r-1.wav", everything=True))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r-10.wav", "r-1x.flac"]
