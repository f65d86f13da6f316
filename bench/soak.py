"""A long run: ``python -m bench.soak [--json] [--minutes 30] [--calls 100] [--churn 5] [--workers 2] [--kill]``.

So many calls, bridged and recorded, are up all the time through ``MediaClient`` and real workers, with far ends in a
process of their own; ``churn`` times a second the oldest ends and another begins (its recording is looked at and
removed); each leg is tapped, as for a recogniser. Every few seconds: memory, descriptors and threads of the workers and
of control. After the end all ports must be free again. ``--kill``: after a quarter the listener of the taps gets
SIGKILL (another takes its place, no call may notice), half way one worker: its calls must end with ``WorkerLost``, the
others must lose nothing, and it must be replaced and take calls. (A killed control process ends all calls:
``tests/interop/test_crashes.py``.)

Memory may grow less than 2 % from after the warm-up (a fifth of the time, five minutes at most) to the end: medians of
the first and the last tenth of what is left.
"""

import argparse
import asyncio
import itertools
import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import deque
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Final

from core.errors import Line400Error
from core.tap import TapTarget
from core.wav import WAV_HEADER_BYTES, wav_header
from telephony.media.client import MediaClient
from telephony.media.port import Address, MediaEvent, RecordingClosed, Stream, WorkerLost

PORTS: Final = (20000, 27999)
_FAR_PORTS: Final = range(10000, 18000)
_LOOK_S: Final = 5.0
_BEGUN_A_TURN: Final = 2
_LISTENER: Final = """
import socket
sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
sock.bind(("127.0.0.1", 0))
print(sock.getsockname()[1], flush=True)
while True:
    sock.recv(4096)
"""
_MOST_WARM_UP_S: Final = 300.0
MOST_GROWTH_PCT: Final = 2.0


@dataclass(frozen=True, slots=True)
class Look:
    """What the processes held at one moment; memory in MiB, of all workers together."""

    at_s: float
    calls: int
    workers_mib: float
    control_mib: float
    descriptors: int
    control_descriptors: int
    threads: int
    lost: int


@dataclass(slots=True)
class Call:
    """One call: its legs and far ends, its recording."""

    number: int
    legs: tuple[str, str]
    far_ports: tuple[int, int]
    path: Path
    begun: float
    stopped: float = 0.0


@dataclass(slots=True)
class Counts:
    """Over the whole run."""

    calls: int = 0
    recordings: int = 0
    faults: list[str] = field(default_factory=list)
    received: int = 0
    lost: int = 0
    late_ticks: int = 0
    killed_calls: int = 0
    back_after_s: float | None = None


def rss_mib(pid: int) -> float:
    """Resident memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def entries(pid: int, folder: str) -> int:
    """How many descriptors (``fd``) or threads (``task``) a process has."""
    return len(os.listdir(f"/proc/{pid}/{folder}"))  # noqa: PTH208 - a count of names, no paths are wanted


def bound_ports(pids: tuple[int, ...]) -> int:
    """UDP ports of the range that these processes have."""
    links = (str(entry.readlink()) for pid in pids for entry in Path(f"/proc/{pid}/fd").iterdir())
    ours = {link[8:-1] for link in links if link.startswith("socket:")}
    ports = set()
    for line in Path("/proc/net/udp").read_text().splitlines()[1:]:
        values = line.split()
        if values[9] in ours:
            ports.add(int(values[1].rpartition(":")[2], 16))
    return sum(PORTS[0] <= port <= PORTS[1] for port in ports)


class Soak:
    """One run."""

    def __init__(self, media: MediaClient, load: asyncio.subprocess.Process, folder: Path) -> None:
        self.counts = Counts()
        self.looks: list[Look] = []
        self._media = media
        self._load = load
        self._folder = folder
        self._calls: deque[Call] = deque()
        self._recorded: dict[str, Call] = {}
        self._free_ports = deque(_FAR_PORTS)
        self._killing = False
        self._listener: asyncio.subprocess.Process | None = None
        self._listener_port = 0
        media.subscribe(self._heard)

    def _heard(self, event: MediaEvent) -> None:
        match event:
            case RecordingClosed(recording, duration_s, fault):
                call = self._recorded.pop(recording, None)
                if call is not None:
                    self._check(call, duration_s, fault)
            case WorkerLost(legs, recordings):
                self._lose(frozenset(legs), recordings)

    def _check(self, call: Call, duration_s: float, fault: str) -> None:
        self.counts.recordings += 1
        lasted = call.stopped - call.begun
        data = call.path.read_bytes()
        if fault:
            self.counts.faults.append(f"recording {call.number}: {fault}")
        elif data[:WAV_HEADER_BYTES] != wav_header(len(data) - WAV_HEADER_BYTES):
            self.counts.faults.append(f"recording {call.number}: its header is not right")
        elif abs(duration_s - lasted) > 1.0:
            self.counts.faults.append(f"recording {call.number}: {duration_s:.1f} s of {lasted:.1f} s")
        call.path.unlink()

    def _lose(self, legs: frozenset[str], recordings: tuple[str, ...]) -> None:
        if not self._killing:
            self.counts.faults.append(f"a worker died with {len(legs)} legs")
        gone = [call for call in self._calls if legs & set(call.legs)]
        self.counts.killed_calls += len(gone)
        for call in gone:
            if not set(call.legs) <= legs:
                self.counts.faults.append(f"call {call.number} lost one leg only")
            self._calls.remove(call)
            self._order({"drop": call.far_ports})
            self._free_ports.extend(call.far_ports)
        for recording in recordings:
            call_lost = self._recorded.pop(recording, None)
            if call_lost is not None:
                call_lost.path.unlink(missing_ok=True)

    def _order(self, order: dict[str, object]) -> None:
        assert self._load.stdin is not None
        self._load.stdin.write(json.dumps(order).encode() + b"\n")

    @property
    def up(self) -> int:
        """Calls that are up."""
        return len(self._calls)

    async def listen(self) -> None:
        """Begin to listen to taps, in place of whoever did so."""
        if self._listener is not None:
            self._listener.kill()
            await self._listener.wait()
        self._listener = await asyncio.create_subprocess_exec(
            sys.executable, "-c", _LISTENER, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
        )
        assert self._listener.stdout is not None
        self._listener_port = int(await self._listener.stdout.readline())

    async def begin_call(self) -> None:
        """One more; none where its worker is killed just now."""
        number = self.counts.calls
        self.counts.calls += 1
        far = (self._free_ports.popleft(), self._free_ports.popleft())
        call = Call(number, (f"{number}a", f"{number}b"), far, self._folder / f"{number}.wav", time.monotonic())
        try:
            ends = await self._set_up(call)
        except Line400Error as error:
            self._excuse(error)
            self._recorded.pop(f"r{number}", None)
            self._free_ports.extend(far)
            return
        self._calls.append(call)
        self._order({"add": ends})

    async def _set_up(self, call: Call) -> list[tuple[int, int]]:
        ends = []
        for leg, port in zip(call.legs, call.far_ports, strict=True):
            where = await self._media.open(leg, near=call.legs[0])
            await self._media.update(leg, Stream(Address("127.0.0.1", port), "PCMA", 8, 101))
            ends.append((port, where.port))
            stream = call.number * 2 + len(ends)
            await self._media.tap(leg, TapTarget("127.0.0.1", self._listener_port, stream))
        await self._media.bridge(*call.legs)
        self._recorded[f"r{call.number}"] = call
        await self._media.record(f"r{call.number}", call.path, *call.legs)
        return ends

    def _excuse(self, error: Line400Error) -> None:
        if not self._killing:
            self.counts.faults.append(str(error))

    async def end_call(self) -> None:
        """The oldest."""
        if not self._calls:
            return
        call = self._calls.popleft()
        self._order({"drop": call.far_ports})
        call.stopped = time.monotonic()
        try:
            await self._media.stop_record(f"r{call.number}")
            for leg in call.legs:
                await self._media.close(leg)
        except Line400Error as error:
            self._excuse(error)
        self._free_ports.extend(call.far_ports)

    async def look(self, at_s: float) -> None:
        """Note what there is."""
        await self._tell()
        pids = self._media.pids
        self.looks.append(
            Look(
                at_s=round(at_s, 1),
                calls=len(self._calls),
                workers_mib=round(sum(map(rss_mib, pids)), 2),
                control_mib=round(rss_mib(os.getpid()), 2),
                descriptors=sum(entries(pid, "fd") for pid in pids),
                control_descriptors=entries(os.getpid(), "fd"),
                threads=sum(entries(pid, "task") for pid in pids),
                lost=self.counts.lost,
            )
        )

    async def _tell(self) -> None:
        assert self._load.stdout is not None
        self._order({"tell": True})
        told = json.loads(await self._load.stdout.readline())
        self.counts.received += told["received"]
        self.counts.lost += told["gaps"]
        self.counts.late_ticks += told["late_ticks"]

    async def kill_one(self, workers: int) -> None:
        """SIGKILL to the first worker; until it is replaced."""
        self._killing = True
        pid = self._media.pids[0]
        os.kill(pid, signal.SIGKILL)
        begun = time.monotonic()
        while time.monotonic() < begun + 30:
            await asyncio.sleep(0.02)
            if pid not in self._media.pids and len(self._media.pids) == workers:
                self.counts.back_after_s = round(time.monotonic() - begun, 2)
                break
        else:
            self.counts.faults.append("the killed worker was not replaced")
        await asyncio.sleep(0.5)
        self._killing = False

    async def finish(self) -> None:
        """End all calls."""
        while self._calls:
            await self.end_call()
        await asyncio.sleep(1.0)
        await self._tell()
        if self._listener is not None:
            self._listener.kill()
            await self._listener.wait()
        self.counts.faults += [f"recording {name} was never closed" for name in self._recorded]


async def run(minutes: float, calls: int, churn: float, workers: int, *, kill: bool) -> dict[str, object]:
    """The whole of it."""
    with tempfile.TemporaryDirectory() as name:
        media = MediaClient(workers=workers, port_range=PORTS)
        await media.start()
        load = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.soak_load", stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        soak = Soak(media, load, Path(name))
        await soak.listen()
        empty = sum(entries(pid, "fd") for pid in media.pids)
        await _carry(soak, minutes * 60, calls, churn, workers if kill else 0)
        await soak.finish()
        left, ports = sum(entries(pid, "fd") for pid in media.pids) - empty, bound_ports(media.pids)
        await media.shut_down()
        assert load.stdin is not None
        load.stdin.close()
        await load.wait()
    return _summary(soak, minutes, calls, descriptors_left=left, ports_left=ports, kill=kill)


async def _carry(soak: Soak, seconds: float, calls: int, churn: float, kill_of: int) -> None:
    begin = time.monotonic()
    next_look, listening, killing = _LOOK_S, True, None
    for turn in itertools.count():
        now = time.monotonic() - begin
        if now >= seconds:
            break
        if soak.up >= calls:
            await soak.end_call()
        for _ in range(_BEGUN_A_TURN):
            if soak.up < calls:
                await soak.begin_call()
        if kill_of and listening and now > seconds / 4:
            listening = False
            await soak.listen()
        if kill_of and killing is None and now > seconds / 2:
            killing = asyncio.create_task(soak.kill_one(kill_of))
        if now >= next_look:
            next_look += _LOOK_S
            await soak.look(now)
        await asyncio.sleep(max(0.0, (turn + 1) / churn - (time.monotonic() - begin)))
    if killing is not None:
        await killing


def growth_pct(looks: list[Look], name: str, seconds: float) -> float | None:
    """From the first to the last tenth after the warm-up; None where there is too little to tell."""
    warm = [look for look in looks if look.at_s > min(_MOST_WARM_UP_S, seconds / 5)]
    tenth = max(1, len(warm) // 10)
    if len(warm) < 4:
        return None
    first, last = (statistics.median(getattr(look, name) for look in part) for part in (warm[:tenth], warm[-tenth:]))
    return round(float(last / first - 1) * 100, 2)


def _summary(
    soak: Soak, minutes: float, calls: int, *, descriptors_left: int, ports_left: int, kill: bool
) -> dict[str, object]:
    growth = {name: growth_pct(soak.looks, name, minutes * 60) for name in ("workers_mib", "control_mib")}
    faults = list(soak.counts.faults)
    faults += [f"{name} grew by {pct} %" for name, pct in growth.items() if pct is not None and pct >= MOST_GROWTH_PCT]
    if descriptors_left > 0:
        faults.append(f"{descriptors_left} descriptors of the workers are left")
    if ports_left:
        faults.append(f"{ports_left} ports are left")
    if soak.counts.lost:
        faults.append(f"{soak.counts.lost} packets were lost")
    counts = {name: value for name, value in asdict(soak.counts).items() if name != "faults"}
    return {
        "minutes": minutes,
        "calls": calls,
        "kill": kill,
        "counts": counts | {"calls_in_all": soak.counts.calls},
        "growth_pct": growth,
        "descriptors_left": descriptors_left,
        "ports_left": ports_left,
        "faults": faults,
        "looks": [asdict(look) for look in soak.looks],
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version(), "kernel": platform.release()},
    }


def table(summary: dict[str, object]) -> str:
    """For people."""
    names = [item.name for item in fields(Look)]
    lines = ["".join(f"{name.replace('_', ' '):>{max(10, len(name) + 2)}}" for name in names)]
    looks = summary["looks"]
    assert isinstance(looks, list)
    for look in looks[:: max(1, len(looks) // 40)]:
        lines.append("".join(f"{look[name]:>{max(10, len(name) + 2)}}" for name in names))
    lines += [f"{name}: {summary[name]}" for name in ("counts", "growth_pct", "descriptors_left", "ports_left")]
    faults = summary["faults"]
    assert isinstance(faults, list)
    return "\n".join([*lines, *(f"FAULT: {fault}" for fault in faults[:20]), "bad" if faults else "good"])


def main() -> None:
    """Entry point; exit code 1 where something was wrong."""
    parser = argparse.ArgumentParser(prog="bench.soak", description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--churn", type=float, default=5.0, help="calls that end and begin each second")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--kill", action="store_true", help="kill -9 of a worker half way")
    given = parser.parse_args()
    summary = asyncio.run(run(given.minutes, given.calls, given.churn, given.workers, kill=given.kill))
    print(json.dumps(summary) if given.json else table(summary))
    sys.exit(1 if summary["faults"] else 0)


if __name__ == "__main__":
    main()
