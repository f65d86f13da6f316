"""Services that are forked instead of started: ``line400 serve`` is begun some 180 times by these tests, and half of
what a start computes is the loading of the same modules. One process has loaded them (``python -m
tests.interop.nursery FD``), and each service is a fork of it that then does what ``python -m service.cli serve`` does:
same words, environment, folder and output, a session of its own. Its own processes (media workers, readers,
recognisers) are started as ever. What the start itself is tested for begins in the ordinary way (``forked=False``).

A request is one datagram of JSON with three descriptors: where the service writes, where it complains, and where its
process id and then its exit code are told.
"""

import asyncio
import atexit
import contextlib
import functools
import gc
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Final, Protocol

_REPOSITORY: Final = Path(__file__).resolve().parents[2]
_LONGEST: Final = 1 << 18
"""Bytes of a request: words and environment."""
_LOADED: Final = (
    "service.cli", "service.cli_serve", "service.mqtt", "service.webhook", "store.alembic_run",
    "sqlalchemy.dialects.sqlite.aiosqlite", "uvicorn.lifespan.on", "uvicorn.loops.auto",
    "uvicorn.protocols.http.auto", "uvicorn.protocols.websockets.auto",
)  # fmt: skip


class Process(Protocol):
    """What the tests use of ``asyncio.subprocess.Process``."""

    @property
    def pid(self) -> int: ...
    @property
    def returncode(self) -> int | None: ...
    @property
    def stdout(self) -> asyncio.StreamReader | None: ...
    async def wait(self) -> int: ...
    def send_signal(self, signal: int) -> None: ...
    def kill(self) -> None: ...


class Forked:
    """A process that the nursery has forked, for who asked for it."""

    def __init__(self, pid: int, stdout: asyncio.StreamReader, exit_code: "asyncio.Task[int]") -> None:
        self.pid = pid
        self.stdout: asyncio.StreamReader | None = stdout
        self._exit_code = exit_code

    @property
    def returncode(self) -> int | None:
        return self._exit_code.result() if self._exit_code.done() else None

    async def wait(self) -> int:
        return await asyncio.shield(self._exit_code)

    def send_signal(self, signal: int) -> None:
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):  # it has just ended
                os.kill(self.pid, signal)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


async def fork(words: list[str], environment: dict[str, str]) -> Process:
    """``line400 WORDS`` as a fork of this test process's nursery; its complaints are in its output too."""
    return (await _fork(words, environment, together=True))[0]


async def run(words: list[str], environment: dict[str, str]) -> tuple[int, str, str]:
    """The exit code of ``line400 WORDS``, what it has written, and its complaints."""
    process, out, complaints = await _fork(words, environment, together=False)
    said, complained = await asyncio.gather(out.read(), complaints.read())
    return await process.wait(), said.decode(), complained.decode()


async def _fork(
    words: list[str], environment: dict[str, str], *, together: bool
) -> tuple[Forked, asyncio.StreamReader, asyncio.StreamReader]:
    out, its_out = os.pipe()
    complaints, its_complaints = os.pipe()
    told, its_told = socket.socketpair()
    request = json.dumps({"words": words, "environment": environment}).encode()
    socket.send_fds(_nursery(), [request], [its_out, its_out if together else its_complaints, its_told.fileno()])
    for its in (its_out, its_complaints, its_told.detach()):
        os.close(its)
    stdout, stderr = await _read(out), await _read(complaints)
    reader, writer = await asyncio.open_connection(sock=told)
    pid = int(await reader.readline())

    async def exit_code() -> int:
        try:
            return int(await reader.readline())
        finally:
            writer.close()

    return Forked(pid, stdout, asyncio.create_task(exit_code())), stdout, stderr


async def _read(pipe: int) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, os.fdopen(pipe, "rb"))
    return reader


@functools.cache
def _nursery() -> socket.socket:
    """The way to this test process's nursery, which begins at the first use and ends with this process."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.interop.nursery", str(its.fileno())],
        pass_fds=[its.fileno()], stdin=subprocess.DEVNULL, cwd=_REPOSITORY, start_new_session=True,
    )  # fmt: skip
    its.close()

    def end() -> None:
        ours.close()
        process.wait()

    atexit.register(end)
    return ours


def _serve(requests: socket.socket) -> Callable[[], None]:
    """In the nursery: fork for each request, until there will be none. In a fork: what it has to do."""
    told: dict[int, int] = {}

    def bury(*_: object) -> None:
        while told:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            with contextlib.suppress(BrokenPipeError):  # nobody waits for it any more
                os.write(told[pid], f"{os.waitstatus_to_exitcode(status)}\n".encode())
            os.close(told.pop(pid))

    signal.signal(signal.SIGCHLD, bury)
    while True:
        message, descriptors, _, _ = socket.recv_fds(requests, _LONGEST, 3)
        if not message:
            return lambda: None
        out, complaints, tell = descriptors
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        pid = os.fork()
        if not pid:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
            for other in (tell, requests.detach(), *told.values()):
                os.close(other)
            asked = json.loads(message)
            return lambda: _be(asked["words"], asked["environment"], out, complaints)
        told[pid] = tell
        os.write(tell, f"{pid}\n".encode())
        for its in (out, complaints):
            os.close(its)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})


def _be(words: list[str], environment: dict[str, str], out: int, complaints: int) -> None:
    """In a fork: ``python -m service.cli WORDS``."""
    os.setsid()
    for its, standard in ((out, 1), (complaints, 2)):
        os.dup2(its, standard)
        os.close(its)
    os.environ.clear()
    os.environ.update(environment)
    cli = import_module("service.cli")
    sys.argv = [str(cli.__file__), *words]
    cli.main()


if __name__ == "__main__":
    for name in _LOADED:
        import_module(name)
    gc.collect()
    gc.freeze()  # what is loaded is not looked at again by each fork
    _serve(socket.socket(fileno=int(sys.argv[1])))()
