"""What a call costs the media workers, and how steadily they send: ``python -m bench.media [--json] [--calls 50,100]``.

``--workers`` media workers carry the calls; the far ends are one process of their own (``media_load``) that sends a
packet of G.711 every 20 ms for each leg, spread evenly over the 20 ms, and notes when packets come back. In
``bridged_recorded`` each leg's audio also goes to a third process (``media_sink``), as it would to a recogniser. CPU is
that of all media workers (user and system, all threads) and of the control side, in percent of one core, divided by the
calls. Gaps are between packets that one far end receives, by the kernel's time stamps; delay is from the far end's send
to the partner's receive. Recordings are compared with what was said, sample by sample.
"""

import argparse
import asyncio
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import wave
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import numpy as np

from bench.media_payload import said
from core.audio import FRAME_SAMPLES, RATE_HZ
from core.tap import TapTarget
from telephony.media.client import MediaClient
from telephony.media.codecs import PCMA
from telephony.media.native import COMPILED
from telephony.media.port import Address, Stream

CASES: Final = ("bridged_recorded", "bridged", "prompt_recorded", "prompt")
_FIRST_PORT: Final = 12000
_SETTLE_S: Final = 2.0
_MUSIC_S: Final = 30.0
_SILENCE: Final = bytes([PCMA.silence])
_MOST_MOVED: Final = 480


@dataclass(frozen=True, slots=True)
class Result:
    """One case, measured over ``seconds``. ``load_gap``: between the packets that one far end sent."""

    case: str
    calls: int
    core_pct_per_call: float
    media_core_pct_per_call: float
    gap_p50_ms: float
    gap_p99_ms: float
    gap_p999_ms: float
    gap_max_ms: float
    load_gap_p50_ms: float
    load_gap_p99_ms: float
    load_gap_p999_ms: float
    load_gap_max_ms: float
    delay_p50_ms: float
    delay_p99_ms: float
    lost: int
    workers: int
    seconds: float
    recordings_checked: int
    samples_wrong: int
    recordings_moved: int
    tapped_s: float
    tap_datagrams_missing: int


def cpu_seconds(pids: tuple[int, ...]) -> float:
    """Time on a processor so far, of all threads of processes, as the scheduler counts it (nanoseconds, no ticks)."""
    threads = [thread for pid in pids for thread in Path(f"/proc/{pid}/task").glob("*/schedstat")]
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9


def music() -> bytes:
    """A clip of a plain sound, in A-law."""
    time_s = np.arange(int(RATE_HZ * _MUSIC_S)) / RATE_HZ
    return PCMA.encode((6000 * np.sin(2 * np.pi * 500.3 * time_s)).astype(np.int16))


def write_music(path: Path) -> None:
    """The clip as a file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(PCMA.decode(music()).astype("<i2").tobytes())


async def set_up(media: MediaClient, case: str, calls: int, folder: Path, sink: int) -> list[tuple[int, int]]:
    """Make the calls; (far end's own port, where it sends) for each leg, the two legs of a call side by side."""
    bridged = case.startswith("bridged")
    far_ends: list[tuple[int, int]] = []
    for call in range(calls):
        legs = [f"{call}-{side}" for side in ("a", "b")[: 2 if bridged else 1]]
        for leg in legs:
            port = _FIRST_PORT + 2 * len(far_ends)  # the odd one is for RTCP
            where = await media.open(leg, near=legs[0])
            await media.update(leg, Stream(Address("127.0.0.1", port), "PCMA", 8, 101))
            if case == "bridged_recorded":
                await media.tap(leg, TapTarget("127.0.0.1", sink, len(far_ends)))
            far_ends.append((port, where.port))
        if case.endswith("recorded"):
            await media.record(f"r{call}", folder / f"{call}.wav", legs[0], legs[1] if bridged else "")
        if bridged:
            await media.bridge(*legs)
        else:
            await media.play(legs[0], f"p{call}", [folder / "music.wav"], loop=True)
    return far_ends


async def run_case(case: str, calls: int, seconds: float, workers: int, slots: int) -> Result:
    """Carry ``calls`` calls for ``seconds`` and measure."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_music(folder / "music.wav")
        sink = await _process("bench.media_sink")
        media = MediaClient(workers=workers, port_range=(20000, 29999))
        await media.start()
        far_ends = await set_up(media, case, calls, folder, int(await _line(sink)))
        load = await _process("bench.media_load")
        bridged = case.startswith("bridged")
        order = {"far_ends": far_ends, "seconds": seconds, "settle_s": _SETTLE_S, "bridged": bridged, "slots": slots}
        _tell(load, json.dumps(order).encode() + b"\n")
        await _line(load)  # it has settled
        wall, own, worker = time.monotonic(), time.process_time(), cpu_seconds(media.pids)
        await _line(load)  # it has measured
        wall = time.monotonic() - wall
        own, worker = time.process_time() - own, cpu_seconds(media.pids) - worker
        heard = json.loads(await _line(load))
        await load.wait()
        await media.shut_down()
        _tell(sink, b"end\n")
        tapped = json.loads(await _line(sink))
        await sink.wait()
        sent = heard.pop("sent")
        recorded = calls if case.endswith("recorded") else 0
        checks = [check_recording(folder / f"{call}.wav", call, sent, bridged=bridged) for call in range(recorded)]
    if tapped["misplaced"]:
        raise SystemExit(f"{tapped['misplaced']} datagrams of the taps begin in the wrong place")
    per_call = 100 / wall / calls
    return Result(
        case=case,
        calls=calls,
        core_pct_per_call=round((worker + own) * per_call, 4),
        media_core_pct_per_call=round(worker * per_call, 4),
        workers=workers,
        seconds=round(wall, 1),
        recordings_checked=recorded,
        samples_wrong=sum(wrong for wrong, _ in checks),
        recordings_moved=sum(moved for _, moved in checks),
        tapped_s=round(tapped["samples"] / RATE_HZ, 1),
        tap_datagrams_missing=tapped["missing"],
        **heard,
    )


async def _process(module: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, stdin=subprocess.PIPE, stdout=subprocess.PIPE, limit=1 << 20
    )


def _tell(process: asyncio.subprocess.Process, line: bytes) -> None:
    assert process.stdin is not None
    process.stdin.write(line)


async def _line(process: asyncio.subprocess.Process) -> bytes:
    assert process.stdout is not None
    return await process.stdout.readline()


def check_recording(path: Path, call: int, sent: list[int], *, bridged: bool) -> tuple[int, int]:
    """Samples of a recording that are not what was said, and how often what was said was moved to keep pace."""
    with wave.open(str(path)) as file:
        data = file.readframes(file.getnframes())
    left, right = (PCMA.encode(np.ascontiguousarray(side)) for side in np.frombuffer(data, "<i2").reshape(-1, 2).T)
    legs = (2 * call, 2 * call + 1) if bridged else (call, -1)
    wrong = moved = 0
    for heard, leg in zip((left, right), legs, strict=True):
        if leg >= 0:
            expected = said(leg, sent[leg])
        else:
            begin = max(0, heard.find(music()[:FRAME_SAMPLES]))
            expected = (music() * 2)[: max(FRAME_SAMPLES, len(heard.rstrip(_SILENCE)) - begin)]
        results = _compare(heard, expected)
        wrong, moved = wrong + results[0], moved + results[1]
    return wrong, moved


def _compare(heard: bytes, expected: bytes) -> tuple[int, int]:
    """Silence, then ``expected``, then silence; a packet that is not in its place may be close to it."""
    place = start = heard.find(expected[:FRAME_SAMPLES])
    if start < 0:
        return len(expected), 0
    wrong = moved = 0
    for at in range(0, len(expected), FRAME_SAMPLES):
        packet = expected[at : at + FRAME_SAMPLES]
        if not heard.startswith(packet, place):
            found = heard.find(packet, max(0, place - _MOST_MOVED), place + _MOST_MOVED + FRAME_SAMPLES)
            moved += found >= 0
            wrong += len(packet) if found < 0 else 0
            place = place if found < 0 else found
        place += len(packet)
    around = heard[:start] + heard[place:]
    return wrong + len(around) - around.count(_SILENCE), moved


def table(results: list[Result]) -> str:
    """For people."""
    lines = [f"{'case':<18}{'calls':>6}{'core %/call':>13}{'media':>9}{'gap p50':>9}{'p99':>8}{'p99.9':>8}{'max':>8}"]
    lines[0] += f"{'(sent p99':>10}{'p99.9)':>8}{'delay p50':>11}{'p99':>8}{'lost':>6}{'wrong':>7}{'moved':>6}"
    lines[0] += f"{'tapped':>8} s{'missing':>8}"
    for result in results:
        lines.append(
            f"{result.case:<18}{result.calls:>6}{result.core_pct_per_call:>13.3f}{result.media_core_pct_per_call:>9.3f}"
            f"{result.gap_p50_ms:>9.2f}{result.gap_p99_ms:>8.2f}{result.gap_p999_ms:>8.2f}{result.gap_max_ms:>8.2f}"
            f"{result.load_gap_p99_ms:>10.2f}{result.load_gap_p999_ms:>8.2f}"
            f"{result.delay_p50_ms:>11.2f}{result.delay_p99_ms:>8.2f}{result.lost:>6}{result.samples_wrong:>7}{result.recordings_moved:>6}"
            f"{result.tapped_s:>10.0f}{result.tap_datagrams_missing:>8}"
        )
    return "\n".join(lines)


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="bench.media", description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--calls", default="50,100,200,300", help="numbers of calls, with commas")
    parser.add_argument("--cases", default=",".join(CASES))
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--slots", type=int, default=20, help="moments of the 20 ms at which far ends send")
    arguments = parser.parse_args()
    results = []
    for case in arguments.cases.split(","):
        for calls in arguments.calls.split(","):
            run = run_case(case, int(calls), arguments.seconds, arguments.workers, arguments.slots)
            results.append(asyncio.run(run))
            if not arguments.json:
                print(table(results[-1:]) if len(results) == 1 else table(results[-1:]).splitlines()[1], flush=True)
    if arguments.json:
        machine = {"python": platform.python_version(), "kernel": platform.release()}
        about = {"cpus": os.cpu_count(), "compiled": COMPILED, "load_average": os.getloadavg()[0]}
        print(json.dumps({"cases": [asdict(result) for result in results], "machine": machine | about}))


if __name__ == "__main__":
    main()
