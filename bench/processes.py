"""Processes seen from outside, by /proc: who started whom, what each has used, holds and has open."""

import contextlib
import os
from collections.abc import Iterable
from pathlib import Path


def descendants(pid: int) -> dict[int, str]:
    """Command lines of the living processes that ``pid`` started, and those started by them, by process id."""
    found: dict[int, str] = {}
    waiting = [pid]
    while waiting:
        for child in _children(waiting.pop()):
            with contextlib.suppress(OSError):
                command = Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                if command:  # one that has ended and waits to be asked about has none
                    found[child] = command.strip()
                    waiting.append(child)
    return found


def _children(pid: int) -> list[int]:
    children: list[int] = []
    with contextlib.suppress(OSError):
        for thread in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError):
                children += map(int, (thread / "children").read_text().split())
    return children


def runs(pid: int) -> bool:
    """False once it has died, even if nobody has asked for its exit status yet."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def cpu_seconds(pids: Iterable[int]) -> float:
    """Time on a processor so far, of all threads of processes, as the scheduler counts it (nanoseconds, no ticks)."""
    used_ns = 0
    for pid in pids:
        for thread in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            with contextlib.suppress(OSError):
                used_ns += int(thread.read_text().split()[0])
    return used_ns / 1e9


def stolen_seconds() -> float:
    """Processor time that the host of a virtual machine gave to others while we wanted it, over all processors."""
    fields = Path("/proc/stat").read_text().partition("\n")[0].split()
    return int(fields[8]) / os.sysconf("SC_CLK_TCK")


def rss_mib(pid: int) -> float:
    """Resident memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def entries(pid: int, folder: str) -> int:
    """How many descriptors (``fd``) or threads (``task``) a process has."""
    return len(os.listdir(f"/proc/{pid}/{folder}"))  # noqa: PTH208 - a count of names, no paths are wanted


def bound_ports(pids: Iterable[int], ports: tuple[int, int]) -> int:
    """UDP ports within ``ports`` (inclusive) that these processes have."""
    ours: set[str] = set()
    for pid in pids:
        with contextlib.suppress(OSError):
            for entry in Path(f"/proc/{pid}/fd").iterdir():
                with contextlib.suppress(OSError):
                    link = str(entry.readlink())
                    if link.startswith("socket:"):
                        ours.add(link[8:-1])
    bound = set()
    for line in Path("/proc/net/udp").read_text().splitlines()[1:]:
        values = line.split()
        if values[9] in ours:
            bound.add(int(values[1].rpartition(":")[2], 16))
    return sum(ports[0] <= port <= ports[1] for port in bound)
