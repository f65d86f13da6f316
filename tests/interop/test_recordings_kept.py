"""The life of a recording on a real ``line400 serve``: paused in the call, compressed and sealed after it, verified,
played by ranges, kept by legal hold, deleted by retention, and whole after kill -9 at any moment.
"""

import asyncio
import contextlib
import resource
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from archive.sound import open_sound
from core.audio import Pcm
from core.errors import Unavailable
from core.wav import WAV_HEADER_BYTES
from tests.interop.line import CARRIER, REPOSITORY, Json, Line, basic, recording_in, serving
from tests.interop.processes import children
from tests.interop.sound import channels, level, share_of_tone, tone, until_heard
from tests.interop.test_crashes import AGENT_HZ, CALLER_HZ, GENERAL, MEDIA, People, people, served
from tests.ports import free_port

pytestmark = pytest.mark.interop
KEPT = "[recording]\nencrypt = true\nkeep_days = 30\n"
MONTH_S = 31 * 86_400


async def recording_until(line: Line, call_id: object, fits: Callable[[Json], bool], timeout_s: float = 20.0) -> Json:
    """The only recording of the call, once it ``fits``."""
    async with asyncio.timeout(timeout_s):
        while True:
            recordings = cast("list[Json]", (await line.call(call_id))["recordings"])
            if len(recordings) == 1 and fits(recordings[0]):
                return recordings[0]
            await asyncio.sleep(0.1)


async def command(line: Line, *words: str) -> tuple[int, str]:
    """``line400 recordings …``: exit code and output."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "service.cli", "recordings", *words, "--config", str(line.config),
        cwd=REPOSITORY, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await process.communicate()
    return process.returncode or 0, output.decode()


def make_older(line: Line, seconds: float) -> None:
    """The recordings were begun so long ago."""
    with sqlite3.connect(line.folder / "data" / "line400.db") as database:
        database.execute("UPDATE recordings SET started_at = started_at - ?", (seconds,))
    database.close()


def files(line: Line) -> list[str]:
    return sorted(path.name for path in line.recordings.rglob("*") if path.is_file())


async def until_files(line: Line, *names: str) -> None:
    """Wait until just these lie in the recordings folder."""
    async with asyncio.timeout(5):
        while files(line) != list(names):  # noqa: ASYNC110 - a folder tells no events
            await asyncio.sleep(0.1)


async def test_the_life_of_a_recording(tmp_path: Path) -> None:
    carrier_port = free_port(CARRIER)
    async with serving(tmp_path, basic(carrier_port=carrier_port, more=KEPT)) as line:
        async with people(line, carrier_port) as them:
            await them.sign_in()
            talking = await them.talk()
            (call,) = await line.calls()
            speaking = asyncio.create_task(talking.voice.say_samples(tone(CALLER_HZ, 30)))
            await asyncio.sleep(1.5)
            assert await line.api.send("POST", f"/calls/{call['id']}/recording/pause") == {"state": "paused"}
            assert (await line.call(call["id"]))["recording_state"] == "paused"
            await asyncio.sleep(1.5)
            assert await line.api.send("POST", f"/calls/{call['id']}/recording/resume") == {"state": "recording"}
            await asyncio.sleep(1.5)
            speaking.cancel()
            talking.hang_up()
            recording = await recording_until(line, call["id"], lambda item: item["keep_as"] != "")
            name = str(recording["id"])
            await them.line.until_agent("101", "available")
            again = await them.talk()
            again.hang_up()
            other = next(item for item in await line.calls() if item["id"] != call["id"])
            second = await recording_until(line, other["id"], lambda item: item["keep_as"] != "")

        (gap,) = cast("list[Json]", recording["gaps"])
        start_s, end_s = cast("float", gap["start_s"]), cast("float", gap["end_s"])
        assert gap["why"] == "paused" and 1.2 < end_s - start_s < 2.2
        names = [event["name"] for event in cast("list[Json]", (await line.call(call["id"]))["events"])]
        assert names.index("recording.paused") < names.index("recording.resumed") < names.index("recording.kept")

        # Compressed, sealed, and the WAV is gone
        assert (recording["keep_as"], recording["sealed"]) == ("flac", True)
        await until_files(line, *sorted(f"{item['id']}.flac.sealed" for item in (recording, second)))
        (sealed,) = line.recordings.rglob(f"{name}.flac.sealed")
        key = line.folder / "data" / "recordings.key"
        assert key.stat().st_mode & 0o777 == 0o600
        with open_sound(sealed, key) as sound:
            frames = sound.read(0, sound.frames)
        first, last = round(start_s * 8000), round(end_s * 8000)
        assert not frames[first:last].any()
        for channel, hertz in enumerate((CALLER_HZ, AGENT_HZ)):
            for part in (frames[:first, channel], frames[last:, channel]):
                assert share_of_tone(part[len(part) // 3 :], hertz) > 0.9
        assert sealed.stat().st_size == recording["size"] < (WAV_HEADER_BYTES + frames.size * 2) / 2

        # Played: whole, by range, as a waveform
        address = f"/calls/{call['id']}/recording"
        wav = await line.api.download(f"{address}.wav")
        assert np.array_equal(np.frombuffer(wav[WAV_HEADER_BYTES:], "<i2").reshape(-1, 2), frames)
        assert (await line.api.download(address))[:4] == b"fLaC"
        peaks = cast("Json", await line.api.get(f"{address}/peaks"))
        left, _ = cast("list[list[float]]", peaks["channels"])
        assert max(left) > 0.2 and min(left) == 0.0

        # Verified, changed, and found out
        code, text = await command(line, "verify", "--decode")
        assert code == 0 and "whole 2" in text, text
        data = sealed.read_bytes()
        sealed.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
        code, text = await command(line, "verify")
        assert code == 1 and f"{name}  changed" in text, text
        sealed.write_bytes(data)

        # Both are too old now, and one is held
        held = cast("Json", await line.api.send("PUT", f"{address}/hold", {"held": True, "why": "complaint 17"}))
        assert (held["held_by"], held["held_why"]) == ("admin", "complaint 17")
        await line.stop()
        make_older(line, MONTH_S)
        await line.start()
        await recording_until(line, other["id"], lambda item: item["deleted_at"] is not None)
        await until_files(line, f"{name}.flac.sealed")
        (deleted,) = await events_named(line, other["id"], "recording.deleted")
        assert (deleted["by"], deleted["why"]) == ("line400", "retention")
        with pytest.raises(Unavailable, match="410"):
            await line.api.download(f"/calls/{other['id']}/recording.wav")


@contextlib.contextmanager
def no_room(pid: int, above: int = 0) -> Iterator[None]:
    """A limit on the size of files in a process stands in for the end of the disk: no byte beyond ``above``."""
    usual = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (above, usual[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, usual)


async def test_a_full_disk_is_an_alarm_at_once_and_a_gap_while_calls_go_on(tmp_path: Path) -> None:
    carrier_port = free_port(CARRIER)
    async with serving(tmp_path, basic(carrier_port=carrier_port)) as line, people(line, carrier_port) as them:
        await them.sign_in()
        await full_in_the_middle_of_a_call(line, them)
        await line.until_agent("101", "available")
        await full_before_a_call_begins(line, them)


async def full_in_the_middle_of_a_call(line: Line, them: People) -> None:
    talking = await them.talk()
    (call,) = await line.calls()
    speaking = asyncio.create_task(talking.voice.say_samples(tone(CALLER_HZ, 30)))
    await asyncio.sleep(1.5)
    [worker] = children(served(line), MEDIA)
    with no_room(worker.pid, above=44 + 4 * 8000):
        async with asyncio.timeout(5):
            while not (faults := await events_named(line, call["id"], "recording.faulty")):  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.1)
        assert "File too large" in str(faults[0]["fault"])
        part = (await line.parts())["recordings"]
        assert (part["state"], part["code"]) == ("degraded", "recordings_fault")
        heard = len(talking.voice.heard)
        await asyncio.sleep(1.0)
        assert share_of_tone(np.concatenate(talking.voice.heard[heard:]), AGENT_HZ) > 0.9, "the call goes on"
    await asyncio.sleep(1.5)
    speaking.cancel()
    talking.hang_up()
    recording = await recording_until(line, call["id"], lambda item: item["keep_as"] == "flac")
    first, last, left = await gap_and_caller(line, recording)
    assert last - first > 8000 and not left[first:last].any()
    assert share_of_tone(left[last : last + 8000], CALLER_HZ) > 0.9, "what comes after it is there again"


async def full_before_a_call_begins(line: Line, them: People) -> None:
    """For the recordings, and for the database too: nobody waits for either."""
    known = {call["id"] for call in await line.calls()}
    [worker] = children(served(line), MEDIA)
    with no_room(worker.pid):
        with no_room(served(line)):
            talking = await them.carrier.call(GENERAL, "13900139000")
            speaking = asyncio.create_task(talking.voice.say_samples(tone(CALLER_HZ, 30)))
            await until_heard(talking, AGENT_HZ)
            await until_heard(them.agent_calls[-1], CALLER_HZ)
            async with asyncio.timeout(5):
                while (parts := await line.parts())["database"]["state"] == "ok":  # noqa: ASYNC110 - as above
                    await asyncio.sleep(0.1)
                while "could not begin" not in str(parts["recordings"]["values"]):
                    parts = await line.parts()
                    await asyncio.sleep(0.1)
        assert parts["recordings"]["state"] == "degraded"
        async with asyncio.timeout(15):  # what waited for the database is tried again after 5 s at most
            while not (new := [call for call in await line.calls() if call["id"] not in known]):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        running = await recording_until(line, new[0]["id"], lambda _: True)
        await asyncio.sleep(1.0)
        assert not talking.ended.done()
        assert not list(line.recordings.rglob(f"{running['id']}*"))
    async with asyncio.timeout(5):
        while not list(line.recordings.rglob(f"{running['id']}.wav")):  # noqa: ASYNC110 - a folder tells no events
            await asyncio.sleep(0.05)
    await asyncio.sleep(1.5)
    speaking.cancel()
    talking.hang_up()
    recording = await recording_until(line, new[0]["id"], lambda item: item["keep_as"] == "flac")
    (fault,) = await events_named(line, new[0]["id"], "recording.faulty")
    assert "could not begin" in str(fault["fault"])
    first, last, left = await gap_and_caller(line, recording)
    assert first == 0 and not left[:last].any()
    assert share_of_tone(left[last : last + 8000], CALLER_HZ) > 0.9, "it begins as soon as there is room"


async def gap_and_caller(line: Line, recording: Json) -> tuple[int, int, Pcm]:
    """The first and the last sample of its only gap, for want of a disk, and the caller's channel."""
    (gap,) = cast("list[Json]", recording["gaps"])
    assert gap["why"] == "disk"
    left, _ = channels(recording_in(line.recordings, recording["id"]))
    return round(cast("float", gap["start_s"]) * 8000), round(cast("float", gap["end_s"]) * 8000), left


async def events_named(line: Line, call_id: object, name: str) -> list[Json]:
    """The facts of that name in the call, oldest first."""
    events = cast("list[Json]", (await line.call(call_id))["events"])
    return [cast("Json", event["data"]) for event in events if event["name"] == name]


async def test_kill_9_of_everything_in_the_call_loses_at_most_a_second_and_the_rest_is_kept(tmp_path: Path) -> None:
    carrier_port = free_port(CARRIER)
    async with serving(tmp_path, basic(carrier_port=carrier_port)) as line:
        async with people(line, carrier_port) as them:
            await them.sign_in()
            talking = await them.talk()
            (call,) = await line.calls()
            await talking.voice.say_samples(tone(CALLER_HZ, 3))
            for worker in children(served(line), MEDIA):
                worker.kill()
            await line.kill()
            (path,) = line.recordings.rglob("*.wav")
            cut_s = (path.stat().st_size - WAV_HEADER_BYTES) / 32_000
            assert cut_s > 2.0
        await line.start()
        recording = await recording_until(line, call["id"], lambda item: item["keep_as"] == "flac")
        assert recording["repaired"] and recording["duration_s"] == pytest.approx(cut_s, abs=0.001)
        with open_sound(path) as sound:
            left = sound.read(0, sound.frames)[:, 0]
        assert level(left[-8000:]) > 1000, "the caller is heard up to the end of the file"
        assert not list(line.recordings.rglob("*.part"))
