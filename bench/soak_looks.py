"""What the processes of a line hold while ``bench.soak`` runs, and by how much each grows."""

import contextlib
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bench.processes import entries, rss_mib

MOST_GROWTH_PCT: Final = 2.0
_FEWEST_LOOKS: Final = 12
_KINDS: Final = {
    "telephony.media.worker": "media worker",
    "archive.worker": "packer",
    "asr.worker": "recogniser",
    "service.reader": "reader",
    "control": "control",
}


def kind_of(command: str) -> str:
    """What a process of the line is."""
    return next((kind for part, kind in _KINDS.items() if part in command), command[:40])


@dataclass(frozen=True, slots=True)
class Held:
    """By one process at one moment."""

    kind: str
    mib: float
    descriptors: int
    threads: int


@dataclass(frozen=True, slots=True)
class Look:
    """All processes at one moment, by process id; ``lost`` packets so far."""

    at_s: float
    calls: int
    lost: int
    held: Mapping[int, Held]


def look(at_s: float, calls: int, lost: int, tree: Mapping[int, str]) -> Look:
    """Look now; who ends in between is left out."""
    held = {}
    for pid, command in tree.items():
        with contextlib.suppress(OSError):
            held[pid] = Held(kind_of(command), round(rss_mib(pid), 2), entries(pid, "fd"), entries(pid, "task"))
    return Look(round(at_s, 1), calls, lost, held)


@dataclass(frozen=True, slots=True)
class Growth:
    """Of one process between two comparable stretches: the first and the last tenth of its looks after its warm-up,
    with all calls up. ``pct`` None: it did not live long enough to tell.
    """

    kind: str
    pid: int
    from_s: float
    to_s: float
    first_mib: float
    last_mib: float
    pct: float | None


def growths(looks: Sequence[Look], target: int, warm_up_s: float) -> list[Growth]:
    """Of each process that ``looks`` saw. Its warm-up begins when it is first seen with calls up."""
    found = []
    for pid in dict.fromkeys(pid for one in looks for pid in one.held):
        full = [one for one in looks if pid in one.held and one.calls >= 0.9 * target]
        if not full:
            continue
        warm = [one for one in full if one.at_s >= full[0].at_s + warm_up_s]
        kind = full[0].held[pid].kind
        if len(warm) < _FEWEST_LOOKS:
            newest = full[-1]
            found.append(Growth(kind, pid, full[0].at_s, newest.at_s, 0.0, newest.held[pid].mib, None))
            continue
        tenth = max(1, len(warm) // 10)
        first, last = (statistics.median(one.held[pid].mib for one in part) for part in (warm[:tenth], warm[-tenth:]))
        pct = round((last / first - 1) * 100, 2)
        found.append(Growth(kind, pid, warm[0].at_s, warm[-1].at_s, round(first, 2), round(last, 2), pct))
    return found


def faults_of(found: Sequence[Growth]) -> list[str]:
    """Those that grew too much, in words."""
    return [
        f"{item.kind} {item.pid} grew by {item.pct} % from {item.from_s:.0f} to {item.to_s:.0f} s"
        for item in found
        if item.pct is not None and item.pct >= MOST_GROWTH_PCT
    ]
