"""Runs SIPp, a real SIP peer that nobody here wrote, with the scenarios beside this file; only on loopback."""

import asyncio
import csv
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from telephony.sip.hop import Hop
from tests.ports import free_port

SCENARIOS = Path(__file__).parent / "sipp"
LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Outcome:
    """What SIPp counted."""

    successful: int
    failed: int
    retransmissions: int
    errors: str


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


class Sipp:
    """One SIPp process; use as ``async with``."""

    def __init__(
        self,
        scenario: str | Path,
        transport: str,
        *,
        remote: Hop | None = None,
        calls: int,
        rate: int = 50,
        options: tuple[str, ...] = (),
        local: str = LOOPBACK,
        port: int = 0,
        service: str = "4008001234",
    ) -> None:
        if shutil.which("sipp") is None:
            pytest.skip("sipp is not installed (Debian: apt install sip-tester)")
        self.port = port or free_port(local)
        self._folder = tempfile.TemporaryDirectory(prefix="line400-sipp-")
        self._arguments = [
            "-sf", str(scenario if isinstance(scenario, Path) else SCENARIOS / f"{scenario}.xml"),
            "-t", "u1" if transport == "UDP" else "t1",
            "-i", _bracketed(local), "-mi", _bracketed(local), "-p", str(self.port), "-m", str(calls), "-nostdin",
            "-trace_stat", "-stf", f"{self._folder.name}/stat.csv", "-fd", "1",
            "-trace_err", "-error_file", f"{self._folder.name}/errors.log",
            "-timeout", "60s", "-timeout_error", "-default_behaviors", "all,-bye",
            "-watchdog_interval", "0",
            *options,
        ]  # fmt: skip
        if remote is not None:
            self._arguments += ["-r", str(rate), "-s", service, f"{_bracketed(remote.host)}:{remote.port}"]
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> "Sipp":
        self._process = await asyncio.create_subprocess_exec(
            "sipp",
            *self._arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            cwd=self._folder.name,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._process is not None
        if self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        self._folder.cleanup()

    async def listening(self) -> None:
        """Wait until a SIPp that waits for calls has its socket (it then writes its first statistics)."""
        stat = Path(self._folder.name) / "stat.csv"
        for _ in range(200):
            if stat.exists():
                return
            await asyncio.sleep(0.05)
        raise AssertionError("sipp does not start")

    async def done(self) -> Outcome:
        """Wait for its end."""
        assert self._process is not None
        await asyncio.wait_for(self._process.wait(), 90)
        folder = Path(self._folder.name)
        errors = folder / "errors.log"
        with (folder / "stat.csv").open() as file:
            last = list(csv.DictReader(file, delimiter=";"))[-1]
        return Outcome(
            int(last["SuccessfulCall(C)"]),
            int(last["FailedCall(C)"]),
            int(last["Retransmissions(C)"]),
            errors.read_text(errors="replace")[:4000] if errors.exists() else "",
        )
