"""A media host: lets control on another machine have media workers on this one, over TCP.

It listens, makes sure that whoever connects has the shared secret (``handshake``), and starts a worker process that
takes over the connection. The host itself touches no audio and no command, so a worker on another machine is the same
program as one beside control. Without the secret nobody gets further than the first frame.
"""

import asyncio
import contextlib
import logging
import secrets
import select
import socket
from dataclasses import dataclass, field
from typing import Final

from core.errors import ParseError, Unavailable
from telephony.media.handshake import (
    NONCE_OCTETS,
    Challenge,
    Claim,
    Welcome,
    control_proof,
    host_proof,
    pack_frame,
    same,
)
from telephony.media.port import PORT_VERSION
from telephony.media.processes import split_ports, start_worker, worker_arguments
from telephony.media.remote import receive, watch_over

_log = logging.getLogger("line400.media")
PROVE_TIMEOUT_S: Final = 5.0
MAX_UNPROVEN: Final = 16
"""Connections that have proven nothing yet; one more pushes out the oldest."""
_SILENT_S: Final = (0.1, 86400.0)
_LOOK_S: Final = 1.0
_LAST_WORK_S: Final = 10.0
"""For so long a worker may finish its recordings after control has gone."""


@dataclass(frozen=True, slots=True)
class HostSettings:
    """Where a media host listens for control (``port`` 0: any), and what its ``workers`` workers do.

    ``bind_host`` and ``port_range`` (inclusive, shared by the workers) are for RTP; ``advertised`` goes into SDP.
    """

    host: str
    port: int
    secret: bytes = field(repr=False)
    bind_host: str
    advertised: str
    port_range: tuple[int, int]
    workers: int


class MediaHost:
    """Listens from ``start`` until ``close``; at most one worker for each share of the RTP ports."""

    def __init__(self, settings: HostSettings) -> None:
        self._settings = settings
        self._free = split_ports(*settings.port_range, settings.workers)
        self._unproven: dict[asyncio.Task[None], None] = {}  # in the order in which they came
        self._carrying: dict[asyncio.Task[None], socket.socket] = {}
        self._listener: socket.socket | None = None
        self._accepting: asyncio.Task[None] | None = None

    async def start(self) -> int:
        """Listen, and say on which port; ``Unavailable`` where that cannot be."""
        settings = self._settings
        listener = socket.socket(socket.AF_INET6 if ":" in settings.host else socket.AF_INET, socket.SOCK_STREAM)
        try:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((settings.host, settings.port))
            listener.listen(MAX_UNPROVEN)
        except OSError as error:
            listener.close()
            raise Unavailable(f"cannot listen on {settings.host} port {settings.port}: {error.strerror}") from None
        listener.setblocking(False)
        self._listener = listener
        self._accepting = asyncio.create_task(self._accept(listener))
        return int(listener.getsockname()[1])

    async def close(self) -> None:
        """Let nobody else in, let the workers finish their recordings, and wait for their end."""
        starting = [task for task in (self._accepting, *self._unproven) if task is not None]
        for task in starting:
            task.cancel()
        await asyncio.gather(*starting, return_exceptions=True)
        if self._listener is not None:
            self._listener.close()
        for sock in self._carrying.values():
            with contextlib.suppress(OSError):  # control has gone already
                sock.shutdown(socket.SHUT_RD)  # what the worker takes for the end of control
        await asyncio.gather(*self._carrying, return_exceptions=True)

    async def _accept(self, listener: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                sock, address = await loop.sock_accept(listener)
            except OSError as error:  # no descriptor left: those who wait are let in when there is one again
                _log.error("cannot let control in: %s", error.strerror)
                await asyncio.sleep(1.0)
                continue
            if len(self._unproven) >= MAX_UNPROVEN:
                next(iter(self._unproven)).cancel()
            task = asyncio.create_task(self._serve(sock, str(address[0])))
            self._unproven[task] = None
            task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._unproven.pop(task, None)
        self._carrying.pop(task, None)

    async def _serve(self, sock: socket.socket, who: str) -> None:
        with sock:
            try:
                watch_over(sock)
                async with asyncio.timeout(PROVE_TIMEOUT_S):
                    claim, welcome = await self._prove(sock)
                    if not self._free:
                        raise Unavailable("all workers are taken")
                    ports = self._free.pop(0)
            except (OSError, ParseError, TimeoutError, Unavailable) as error:
                _log.warning("control at %s was turned away: %s", who, error or "it said nothing")
                return
            try:
                await self._carry(sock, who, pack_frame(welcome), self._arguments(ports, claim))
            finally:
                self._free.append(ports)

    async def _prove(self, sock: socket.socket) -> tuple[Claim, Welcome]:
        secret, nonce = self._settings.secret, secrets.token_bytes(NONCE_OCTETS)
        await asyncio.get_running_loop().sock_sendall(sock, pack_frame(Challenge(PORT_VERSION, nonce)))
        claim = await receive(sock, Claim)
        if not same(claim.proof, control_proof(secret, nonce, claim.nonce)):
            raise Unavailable("it does not know the secret")
        least, most = _SILENT_S
        if not least <= claim.silent_s <= most:
            raise ParseError(f"silent_s must be {least} to {most}", where="media host")
        return claim, Welcome(host_proof(secret, nonce, claim.nonce), self._settings.advertised)

    def _arguments(self, ports: tuple[int, int], claim: Claim) -> list[str]:
        return worker_arguments(self._settings.bind_host, ports, claim.silent_s)

    async def _carry(self, sock: socket.socket, who: str, welcome: bytes, arguments: list[str]) -> None:
        task = asyncio.current_task()
        assert task is not None  # we run in one
        self._carrying[task] = sock
        del self._unproven[task]
        try:
            await asyncio.get_running_loop().sock_sendall(sock, welcome)
            process = await start_worker(sock, arguments, stderr=None)
        except OSError as error:
            _log.error("no worker for control at %s: %s", who, error)
            return
        _log.info("worker %d works for control at %s", process.pid, who)
        status = await _end(process, sock)
        _log.log(logging.ERROR if status else logging.INFO, "worker %d ended with status %d", process.pid, status)


async def _end(process: asyncio.subprocess.Process, sock: socket.socket) -> int:
    """The exit status of a worker; it is killed if it hangs once its connection is of no use."""
    watch = select.poll()
    watch.register(sock, select.POLLRDHUP)
    gone_s = 0.0
    while True:
        try:
            async with asyncio.timeout(_LOOK_S):
                return await process.wait()
        except TimeoutError:
            gone_s = gone_s + _LOOK_S if watch.poll(0) else 0.0
        if gone_s >= _LAST_WORK_S:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
