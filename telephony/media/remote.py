"""Control's way to a media worker on another machine: a TCP connection to its media host, proven both ways."""

import asyncio
import secrets
import socket
from dataclasses import dataclass, field
from typing import Final

from core.errors import ParseError, Unavailable
from telephony.media.handshake import (
    LENGTH,
    NONCE_OCTETS,
    Challenge,
    Claim,
    Message,
    Welcome,
    body_length,
    control_proof,
    host_proof,
    pack_frame,
    same,
    unpack_body,
)
from telephony.media.port import PORT_VERSION

CONNECT_TIMEOUT_S: Final = 5.0
_IDLE_S: Final = 5
_BETWEEN_S: Final = 2
_PROBES: Final = 3
_UNANSWERED_MS: Final = 10_000


@dataclass(frozen=True, slots=True)
class RemoteWorker:
    """Where a media host listens, and the secret that it shares with us."""

    host: str
    port: int
    secret: bytes = field(repr=False)

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def place_of(text: str) -> tuple[str, int]:
    """Host and port of ``host:port`` or ``[address]:port``; ``ParseError`` for anything else."""
    host, _, port = text.rpartition(":")
    bracketed = host.startswith("[") and host.endswith("]")
    if bracketed:
        host = host[1:-1]
    if not host or (":" in host) != bracketed or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise ParseError("must be host:port, an IPv6 address in brackets")
    return host, int(port)


async def connect(worker: RemoteWorker, silent_s: float) -> tuple[socket.socket, Welcome]:
    """A connection to a worker of that host, which will speak the media port.

    ``Unavailable`` where nobody answers in five seconds, all its workers are taken, or the secrets differ.
    """
    sock = None
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            sock = await _dial(worker)
            return sock, await _agree(sock, worker, silent_s)
    except (OSError, UnicodeError, ParseError, TimeoutError) as error:
        if sock is not None:
            sock.close()
        raise Unavailable(f"media host {worker}: {error or 'no answer'}") from None
    except (Unavailable, asyncio.CancelledError):
        if sock is not None:
            sock.close()
        raise


async def _dial(worker: RemoteWorker) -> socket.socket:
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(worker.host, worker.port, type=socket.SOCK_STREAM)
    family, kind, protocol, _, address = found[0]
    sock = socket.socket(family, kind, protocol)
    try:
        sock.setblocking(False)
        await loop.sock_connect(sock, address)
    except (OSError, asyncio.CancelledError):
        sock.close()
        raise
    watch_over(sock)
    return sock


async def _agree(sock: socket.socket, worker: RemoteWorker, silent_s: float) -> Welcome:
    challenge = await receive(sock, Challenge)
    if challenge.media != PORT_VERSION:
        raise Unavailable(f"media host {worker} speaks port version {challenge.media}, we speak {PORT_VERSION}")
    nonce = secrets.token_bytes(NONCE_OCTETS)
    proof = control_proof(worker.secret, challenge.nonce, nonce)
    await asyncio.get_running_loop().sock_sendall(sock, pack_frame(Claim(nonce, proof, silent_s)))
    welcome = await receive(sock, Welcome)
    if not same(welcome.proof, host_proof(worker.secret, challenge.nonce, nonce)):
        raise Unavailable(f"media host {worker} does not know the secret")
    return welcome


async def receive(sock: socket.socket, kind: type[Message]) -> Message:
    """The next frame, as ``kind``, and not an octet more; ``ParseError`` for any other, ``OSError`` at the end."""
    length = body_length(await _exactly(sock, LENGTH.size))
    return unpack_body(kind, await _exactly(sock, length))


async def _exactly(sock: socket.socket, count: int) -> bytes:
    loop = asyncio.get_running_loop()
    data = b""
    while len(data) < count:
        part = await loop.sock_recv(sock, count - len(data))
        if not part:
            raise ConnectionResetError("it closed the connection (another secret, or all its workers are taken)")
        data += part
    return data


def watch_over(sock: socket.socket) -> None:
    """Small frames at once; a peer that vanished without a word is noticed within about eleven seconds."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, _IDLE_S)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, _BETWEEN_S)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT, _PROBES)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _UNANSWERED_MS)
