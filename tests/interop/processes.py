"""Processes seen from outside, as an administrator sees them: whose children they are, and whether they still run."""

import asyncio
import contextlib
import os
import signal
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Child:
    """A process that another started."""

    pid: int
    command: str

    @property
    def runs(self) -> bool:
        """False once it has died, even if nobody has asked for its exit status yet."""
        try:
            status = Path(f"/proc/{self.pid}/stat").read_text()
        except OSError:
            return False
        return status.rpartition(")")[2].split()[0] != "Z"

    def has_loaded(self, library: str) -> bool:
        """Whether a library with this in its name is mapped into it."""
        return library in Path(f"/proc/{self.pid}/maps").read_text()

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)


def children(pid: int, having: str = "") -> list[Child]:
    """The living children of ``pid`` whose command line holds ``having``."""
    found = []
    for folder in Path(f"/proc/{pid}/task").iterdir():
        for child in (folder / "children").read_text().split():
            with contextlib.suppress(OSError):
                command = Path(f"/proc/{child}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                found.append(Child(int(child), command.strip()))
    return [child for child in found if having in child.command and child.runs]


async def until_gone(processes: list[Child], timeout_s: float = 15.0) -> None:
    """Wait until none of them runs; ``TimeoutError`` where one stays."""
    async with asyncio.timeout(timeout_s):
        while True:
            if not any(process.runs for process in processes):
                return
            await asyncio.sleep(0.1)
