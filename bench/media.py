"""What a call costs the media worker, and how steadily it sends: ``python -m bench.media [--json] [--calls 50,100]``.

One media worker carries the calls; the far ends are one process of their own that sends a packet of G.711 every 20 ms
for each leg (spread evenly over the 20 ms) and notes when packets come back. CPU is that of the worker's process (user
and system, all threads) and of the control side, in percent of one core, divided by the calls. Gaps are between packets
that one far end receives, by the kernel's time stamps; delay is from the far end's send to the partner's receive.
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
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from telephony.media.client import MediaClient
from telephony.media.port import Address, Stream
from core.wav import wav_header
from telephony.media.recording import HEADER_BYTES

CASES: Final = ("bridged_recorded", "bridged", "prompt_recorded", "prompt")
_FIRST_PORT: Final = 40000
_SETTLE_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class Result:
    """One case, measured over ``seconds``."""

    case: str
    calls: int
    core_pct_per_call: float
    media_core_pct_per_call: float
    gap_p50_ms: float
    gap_p99_ms: float
    gap_p999_ms: float
    gap_max_ms: float
    delay_p50_ms: float
    delay_p99_ms: float
    lost: int
    seconds: float


def cpu_seconds(pid: int) -> float:
    """Time on a processor so far, of all threads of a process, as the scheduler counts it (nanoseconds, no ticks)."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9


def write_music(path: Path, seconds: float = 30.0) -> None:
    """A clip of a plain sound."""
    import wave  # noqa: PLC0415

    import numpy as np  # noqa: PLC0415

    samples = (6000 * np.sin(2 * np.pi * 500 * np.arange(int(8000 * seconds)) / 8000)).astype("<i2")
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(samples.tobytes())


async def set_up(media: MediaClient, case: str, calls: int, folder: Path, music: Path) -> list[tuple[int, int]]:
    """Make the calls; (far end's own port, where it sends) for each leg, the two legs of a call side by side."""
    bridged = case.startswith("bridged")
    far_ends: list[tuple[int, int]] = []
    for call in range(calls):
        legs = [f"{call}-{side}" for side in ("a", "b")[: 2 if bridged else 1]]
        for leg in legs:
            port = _FIRST_PORT + len(far_ends)
            where = await media.open(leg, near=legs[0])
            await media.update(leg, Stream(Address("127.0.0.1", port), "PCMA", 8, 101))
            far_ends.append((port, where.port))
        if case.endswith("recorded"):
            await media.record(f"r{call}", folder / f"{call}.wav", legs[0], legs[1] if bridged else "")
        if bridged:
            await media.bridge(*legs)
        else:
            await media.play(legs[0], f"p{call}", [music], loop=True)
    return far_ends


async def run_case(case: str, calls: int, seconds: float) -> Result:
    """Carry ``calls`` calls for ``seconds`` and measure."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        music = folder / "music.wav"
        write_music(music)
        media = MediaClient(workers=1, port_range=(20000, 29999))
        await media.start()
        far_ends = await set_up(media, case, calls, folder, music)
        load = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.media_load", stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert load.stdin is not None and load.stdout is not None
        order = {"far_ends": far_ends, "seconds": seconds, "settle_s": _SETTLE_S, "bridged": case.startswith("bridged")}
        load.stdin.write(json.dumps(order).encode() + b"\n")
        await load.stdout.readline()  # it has settled
        pid = media.pids[0]
        wall, own, worker = time.monotonic(), time.process_time(), cpu_seconds(pid)
        await load.stdout.readline()  # it has measured
        wall = time.monotonic() - wall
        own, worker = time.process_time() - own, cpu_seconds(pid) - worker
        heard = json.loads(await load.stdout.readline())
        await load.wait()
        await media.shut_down()
        if case.endswith("recorded"):
            check_recordings(folder, calls, seconds)
    per_call = 100 / wall / calls
    return Result(
        case=case,
        calls=calls,
        core_pct_per_call=round((worker + own) * per_call, 4),
        media_core_pct_per_call=round(worker * per_call, 4),
        seconds=round(wall, 1),
        **heard,
    )


def check_recordings(folder: Path, calls: int, seconds: float) -> None:
    """Every recording must be whole and as long as the call."""
    for call in range(calls):
        data = (folder / f"{call}.wav").read_bytes()
        if data[:HEADER_BYTES] != wav_header(len(data) - HEADER_BYTES) or len(data) < seconds * 32000:
            raise SystemExit(f"recording {call} is not whole")


def table(results: list[Result]) -> str:
    """For people."""
    lines = [f"{'case':<18}{'calls':>6}{'core %/call':>13}{'media':>9}{'gap p50':>9}{'p99':>8}{'p99.9':>8}{'max':>8}"]
    lines[0] += f"{'delay p50':>11}{'p99':>8}{'lost':>6}"
    for result in results:
        lines.append(
            f"{result.case:<18}{result.calls:>6}{result.core_pct_per_call:>13.3f}{result.media_core_pct_per_call:>9.3f}"
            f"{result.gap_p50_ms:>9.2f}{result.gap_p99_ms:>8.2f}{result.gap_p999_ms:>8.2f}{result.gap_max_ms:>8.2f}"
            f"{result.delay_p50_ms:>11.2f}{result.delay_p99_ms:>8.2f}{result.lost:>6}"
        )
    return "\n".join(lines)


def main() -> None:
    """Entry point."""
    parser = argparse.ArgumentParser(prog="bench.media", description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--calls", default="50,100", help="numbers of calls, with commas")
    parser.add_argument("--cases", default=",".join(CASES))
    parser.add_argument("--seconds", type=float, default=10.0)
    arguments = parser.parse_args()
    results = [
        asyncio.run(run_case(case, int(calls), arguments.seconds))
        for case in arguments.cases.split(",")
        for calls in arguments.calls.split(",")
    ]
    if arguments.json:
        machine = {"cpus": os.cpu_count(), "python": platform.python_version(), "kernel": platform.release()}
        print(json.dumps({"cases": [asdict(result) for result in results], "machine": machine}))
    else:
        print(table(results))


if __name__ == "__main__":
    main()
