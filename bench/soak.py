"""A long run: ``python -m bench.soak [--json] [--minutes 30] [--calls 100] [--churn 5] [--workers 2] [--kill]``.

A real ``line400 serve`` has so many calls up all the time: callers of a carrier in a queue's talk with agents, by SIP,
bridged, recorded and tapped, with far ends in a process of their own; ``churn`` times a second the oldest hangs up and
another calls. Each recording is looked at when it is whole and removed when the line has done with it. Every few
seconds: memory, descriptors and threads of each process. After the end all ports must be free and nothing be left.

``--kill``: after a fifth of the time a recogniser gets SIGKILL, after 35 % a media worker, half way control
(``soak_kills`` says what must hold). ``--models FOLDER``: the line has recognisers of its own. Memory of no process may
grow by 2 % from after its warm-up (five minutes, a sixth of a shorter run) to its end.
"""

import argparse
import asyncio
import json
import os
import platform
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from bench.media_check import write_music
from bench.media_processes import Place
from bench.processes import bound_ports, entries
from bench.served.config import CARRIER, DESK, HOUSE, RTP_PORTS, configuration, fixed_phones
from bench.served.leader import Ends, Leader
from bench.served.line import ServedLine
from bench.soak_kills import Killing
from bench.soak_ledger import Ledger
from bench.soak_looks import Look, faults_of, growths, kind_of, look
from bench.soak_voices import Listener, Voices

_LOOK_S: Final = 5.0
_BEGUN_A_TURN: Final = 2
_SPARE_AGENTS: Final = 30
_LISTENER: Final = (DESK, 9000)
_LAST_LOOKS: Final = 600
_CRASH_LINES: Final = 30
_TOLD_EVERY: Final = 6
"""Of the looks one in so many is told while the run goes on."""
_MORE_DESCRIPTORS: Final = 4
"""Of control: connections of its database and of us that may be open at one look and not at the other."""


class Soak:
    """One run."""

    def __init__(self, line: ServedLine, people: Leader, voices: Voices, ledger: Ledger) -> None:
        self.line = line
        self.people = people
        self.voices = voices
        self.ledger = ledger
        self.looks: list[Look] = []
        self.calls = 0
        self.refused = 0
        self.waiting: set[int] = set()
        self._speaking: dict[int, list[Place]] = {}
        people.on_up = self._up
        people.on_over = self._over

    def _up(self, number: int, ends: Ends) -> None:
        self.waiting.discard(number)
        places = [((host, own), (HOUSE, to)) for host, (own, to) in zip((CARRIER, DESK), ends, strict=True)]
        self._speaking[number] = [own for own, _ in places]
        self.voices.add(places)

    def _over(self, number: int, status: int) -> None:
        self.waiting.discard(number)
        self.refused += status != 0
        self._silence(number)

    def _silence(self, number: int) -> None:
        if places := self._speaking.pop(number, None):
            self.voices.drop(places)

    @property
    def up(self) -> int:
        """Calls that are up or on their way."""
        return len(self._speaking) + len(self.waiting)

    def begin_call(self) -> None:
        """One more."""
        self.waiting.add(self.calls)
        self.ledger.begun(self.calls)
        self.people.begin([self.calls])
        self.calls += 1

    def end_call(self) -> None:
        """The oldest."""
        if self._speaking:
            number = next(iter(self._speaking))
            self._silence(number)
            self.ledger.hangs_up(number)
            self.people.end([number])

    def drop_all(self) -> None:
        """Control is gone: nobody speaks any longer."""
        self.waiting.clear()
        for number in tuple(self._speaking):
            self._silence(number)

    async def look(self, at_s: float) -> None:
        """Note what there is."""
        await self.voices.tell()
        self.looks.append(look(at_s, len(self._speaking), self.voices.counts.lost, self.line.tree()))
        if len(self.looks) % _TOLD_EVERY == 1:
            print(row(asdict(self.looks[-1])), file=sys.stderr, flush=True)

    async def finish(self) -> None:
        """End all calls and wait until the line has done with them."""
        while self._speaking or self.waiting:
            self.end_call()
            await asyncio.sleep(0.02)
        for _ in range(_LAST_LOOKS):
            if not self.ledger.open:
                break
            await asyncio.sleep(0.2)
        await self.voices.tell()


async def run(given: argparse.Namespace) -> dict[str, object]:
    """The whole of it."""
    agents = given.calls + _SPARE_AGENTS
    with tempfile.TemporaryDirectory(prefix="line400-soak-") as name:
        folder = Path(name)
        (folder / "prompts").mkdir()
        write_music(folder / "prompts" / "hold_music.wav")
        recognition = f'models_folder = "{given.models}"\nbatch_workers = 0' if given.models else "enabled = false"
        text = configuration(
            folder, fixed_phones(agents), workers=given.workers, recognition=recognition, media="silent_s = 120"
        )
        (folder / "line400.toml").write_text(text, encoding="utf-8")
        line = ServedLine(folder, ["--tap", f"{_LISTENER[0]}:{_LISTENER[1]}"])
        people, voices, listener = Leader(), Voices(), Listener(_LISTENER)
        killing = Killing(line, people, listener)
        soak = Soak(line, people, voices, Ledger(line, killing.expected, lambda: killing.killed_at))
        await listener.start()
        await voices.start()
        await line.start()
        await line.staff(agents)
        await people.start()
        soak.ledger.follow()
        await asyncio.sleep(2.0)
        descriptors = {pid: entries(pid, "fd") for pid in line.tree()}
        kinds = _kinds(line)
        await _carry(soak, killing, given)
        await soak.finish()
        await asyncio.sleep(2.0)
        left = _left(soak, descriptors if not given.kill else {}, kinds)
        left += [f"half a file is left: {path.name}" for path in line.recordings.rglob("*.part*")]
        await soak.ledger.stop()
        await people.close()
        await voices.close()
        left += [f"process {pid} outlives the line" for pid in await line.stop()]
        await listener.kill()
    return _summary(soak, killing, given, left)


def _kinds(line: ServedLine) -> Counter[str]:
    """How many processes of each kind; the packer comes and goes."""
    return Counter(kind for kind in map(kind_of, line.tree().values()) if kind != "packer")


def _left(soak: Soak, descriptors: dict[int, int], kinds: Counter[str]) -> list[str]:
    tree = soak.line.tree()
    faults = [f"call {entry.number} is not done with: {entry}" for entry in soak.ledger.open[:5]]
    if ports := bound_ports(tree, RTP_PORTS):
        faults.append(f"{ports} ports are left")
    if (now_there := _kinds(soak.line)) != kinds:
        faults.append(f"processes: {dict(now_there)}, at the beginning {dict(kinds)}")
    for pid, before in descriptors.items():
        most = before + (_MORE_DESCRIPTORS if pid == soak.line.pid else 0)
        if pid in tree and (now := entries(pid, "fd")) > most:
            faults.append(f"{tree[pid][-60:]}: {now} descriptors, at the beginning {before}")
    return faults


async def _carry(soak: Soak, killing: Killing, given: argparse.Namespace) -> None:
    seconds, begin = given.minutes * 60, time.monotonic()
    deeds: list[tuple[float, Callable[[], Coroutine[None, None, None]]]] = (
        [(0.2, killing.recogniser), (0.35, killing.worker)] if given.kill else []
    )
    next_look, control_at = _LOOK_S, seconds / 2 if given.kill else seconds * 2
    running: list[asyncio.Task[None]] = []
    due = begin
    while (now := time.monotonic() - begin) < seconds:
        if soak.up >= given.calls:
            soak.end_call()
        for _ in range(_BEGUN_A_TURN):
            if soak.up < given.calls:
                soak.begin_call()
        if deeds and now > seconds * deeds[0][0]:
            running.append(asyncio.create_task(deeds.pop(0)[1]()))
        if now >= control_at:
            control_at = seconds * 2
            soak.drop_all()
            await killing.control(soak.ledger)
        if now >= next_look:
            next_look = now + _LOOK_S
            await soak.look(now)
        due = max(due + 1 / given.churn, time.monotonic() - 1.0)  # after a long pause no storm of calls
        await asyncio.sleep(max(0.0, due - time.monotonic()))
    await asyncio.gather(*running)


def _summary(soak: Soak, killing: Killing, given: argparse.Namespace, left: list[str]) -> dict[str, object]:
    seconds = given.minutes * 60
    grown = growths(soak.looks, given.calls, min(300.0, seconds / 6))
    counts = soak.voices.counts
    faults = [*soak.ledger.faults, *killing.faults, *faults_of(grown), *left]
    if counts.lost:
        faults.append(f"{counts.lost} packets were lost")
    for at, text in enumerate(soak.line.output):
        if "broke off" in text or "Traceback" in text:
            faults.append("the line's log tells of a crash: " + " / ".join(soak.line.output[at : at + _CRASH_LINES]))
    return {
        "minutes": given.minutes,
        "calls": given.calls,
        "kill": given.kill,
        "calls_in_all": soak.calls,
        "ends": dict(soak.ledger.reasons),
        "refused": soak.refused,
        "recordings": soak.ledger.recordings,
        "recordings_repaired": soak.ledger.repaired,
        **asdict(counts),
        "killed": asdict(killing.killed),
        "growth": [asdict(item) for item in grown],
        "faults": faults,
        "looks": [asdict(one) for one in soak.looks],
        "machine": {"cpus": os.cpu_count(), "python": platform.python_version(), "kernel": platform.release()},
    }


def row(one: dict[str, Any]) -> str:
    """One look, for people."""
    held = "  ".join(f"{item['kind']} {item['mib']:.1f} MiB {item['descriptors']} fd" for item in one["held"].values())
    return f"{one['at_s']:>7} s {one['calls']:>4} calls {one['lost']} lost  {held}"


def table(summary: dict[str, object]) -> str:
    """For people."""
    lines = []
    lines += [f"{name}: {value}" for name, value in summary.items() if name not in ("looks", "faults", "growth")]
    growth, faults = summary["growth"], summary["faults"]
    assert isinstance(growth, list) and isinstance(faults, list)
    lines += [f"growth: {item}" for item in growth]
    return "\n".join([*lines, *(f"FAULT: {fault}" for fault in faults[:20]), "bad" if faults else "good"])


def main() -> None:
    """Entry point; exit code 1 where something was wrong."""
    parser = argparse.ArgumentParser(prog="bench.soak", description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--calls", type=int, default=100)
    parser.add_argument("--churn", type=float, default=5.0, help="calls that end and begin each second")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--kill", action="store_true", help="kill -9 of a recogniser, a media worker, control")
    parser.add_argument("--models", default="", help="folder of recognition models: with recognisers of the line's own")
    given = parser.parse_args()
    summary = asyncio.run(run(given))
    print(json.dumps(summary) if given.json else table(summary))
    sys.exit(1 if summary["faults"] else 0)


if __name__ == "__main__":
    main()
