"""How a media worker process is started: fresh, never forked, with the connection to control as its life line."""

import asyncio
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

import telephony


async def start_worker(
    control: socket.socket, arguments: Sequence[str], stderr: int | None
) -> asyncio.subprocess.Process:
    """A worker that speaks the media port over ``control`` (which it gets a copy of); ``stderr`` as for ``Popen``."""
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "telephony.media.worker",
        "--control-fd",
        str(control.fileno()),
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=stderr,
        pass_fds=(control.fileno(),),
        env=_environment(),
    )


def worker_arguments(host: str, ports: tuple[int, int], silent_s: float) -> list[str]:
    """Where a worker has its RTP ports (inclusive), and after what silence it says ``RtpSilent``."""
    return ["--host", host, "--ports", f"{ports[0]}-{ports[1]}", "--silent-s", str(silent_s)]


def split_ports(low: int, high: int, workers: int) -> list[tuple[int, int]]:
    """Equal shares of the pairs (even, odd) of ports within ``low``-``high``, one for each worker.

    ``ValueError`` where there is not a pair for each.
    """
    if not 1024 <= low < high <= 65535 or (high - low + 1) // 2 < workers:
        raise ValueError(f"port range {low}-{high} does not hold a pair of ports for each of {workers} workers")
    first = low + low % 2
    pairs = (high - first + 1) // 2
    share = pairs // workers
    return [(first + 2 * share * slot, first + 2 * share * (slot + 1) - 1) for slot in range(workers)]


def _environment() -> dict[str, str]:
    """Ours, with the folder of this package first on the path and numpy's thread pools off (they only cost memory)."""
    root = str(Path(telephony.__file__).resolve().parents[1])
    path = os.pathsep.join(part for part in (root, os.environ.get("PYTHONPATH", "")) if part)
    return os.environ | {"PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
