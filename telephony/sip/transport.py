"""SIP over UDP, TCP, TLS and WebSocket with asyncio (RFC 3261 §18, RFC 7118): sockets and connections; no SIP is
understood here.

Bounded: connections, what waits for a connection, what a slow peer leaves unread. A name is looked up when sent to.
"""

import asyncio
import logging
import socket
import ssl
from collections import Counter
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from ipaddress import ip_address
from typing import Final, Protocol

from core.errors import Unavailable
from telephony.sip.certificates import ServerCertificates
from telephony.sip.connect_faults import CLOSED, FailedConnection, failed
from telephony.sip.datagrams import Datagrams
from telephony.sip.hop import ENCRYPTED, TCP, TLS, UDP, WEB, Hop, Packet
from telephony.sip.stun import StunServer, is_stun
from telephony.sip.tcp import Connection
from telephony.sip.tls import TlsSettings, client_context
from telephony.sip.wire import StreamWire
from telephony.sip.ws import WebSocketWire

_log: Final = logging.getLogger("line400.sip")
MAX_CONNECTIONS: Final = 1000
MAX_PER_HOST: Final = 100
"""Connections that one address may make to us, so that none takes all; those that we make do not count."""
MAX_WAITING: Final = 64
MAX_FAULTS: Final = 256
CONNECT_S: Final = 4.0
SWEEP_S: Final = 15.0
BIND_TRIES: Final = 20
RECEIVE_BUFFER: Final = 1 << 21
"""Octets that wait in the kernel for us: what comes within a second or so at 500 calls per second."""


class Receiver(Protocol):
    """Who takes what comes in."""

    def on_message(self, data: bytes, source: Hop) -> None:
        """Take one datagram or one framed message."""
        ...

    def on_unreachable(self, destination: Hop) -> None:
        """A connection to ``destination`` could not be made, or was lost."""
        ...


class Transports:
    """All sockets of one endpoint: at most one listener per transport.

    ``tls``: our certificate, needed to listen on TLS and WSS; without one, connections that we make present none.
    ``origins``: the sites whose pages may connect by WebSocket; empty: all. ``per_host``: see ``MAX_PER_HOST``.
    """

    def __init__(
        self,
        receiver: Receiver,
        tls: TlsSettings | None = None,
        *,
        origins: Sequence[str] = (),
        per_host: int = MAX_PER_HOST,
    ) -> None:
        self._receiver = receiver
        self._tls = tls
        self._origins = tuple(origins)
        self._per_host = per_host
        self._certificates: list[ServerCertificates] = []
        self._tls_client: ssl.SSLContext | None = None
        self._stun = StunServer()
        self._udp: asyncio.DatagramTransport | None = None
        self._servers: list[asyncio.Server] = []
        self._connections: dict[Hop, Connection] = {}
        self._hosts: Counter[str] = Counter()
        self._opening: dict[Hop, list[bytes]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._sweeping: asyncio.TimerHandle | None = None
        self._open = False
        self.faults: dict[Hop, FailedConnection] = {}
        """Why the last connection to a place did not come about, or broke."""

    async def start(self, listen: Sequence[Hop]) -> tuple[Hop, ...]:
        """Bind; the addresses with their real ports. ``Unavailable`` says which, or what file, could not be had."""
        if len({hop.transport for hop in listen}) != len(listen):
            raise ValueError("one listener per transport")
        shared_port = {(hop.transport, hop.port) for hop in listen} >= {(UDP, 0), (TCP, 0)}
        for attempt in range(BIND_TRIES):
            try:
                bound = await self._bind(listen, shared_port=shared_port)
            except OSError as error:
                await self.close()
                if not shared_port or attempt == BIND_TRIES - 1:
                    where = ", ".join(str(hop) for hop in listen)
                    raise Unavailable(f"cannot listen on {where}: {error.strerror or error}") from None
                continue
            except Unavailable:
                await self.close()
                raise
            self._open = True
            self._sweep()
            return bound
        raise Unavailable("no free port for both UDP and TCP")

    async def _bind(self, listen: Sequence[Hop], *, shared_port: bool) -> tuple[Hop, ...]:
        loop = asyncio.get_running_loop()
        bound: list[Hop] = []
        for hop in listen:
            shared = [other.port for other in bound if other.transport in (UDP, TCP)] if shared_port else []
            port = shared[0] if shared and hop.transport in (UDP, TCP) else hop.port
            if hop.transport == UDP:
                udp, _ = await loop.create_datagram_endpoint(
                    lambda: Datagrams(self._on_datagram), sock=_datagram_socket(hop.host, port)
                )
                self._udp = udp
                _widen(udp.get_extra_info("socket"))
                name = udp.get_extra_info("sockname")
            else:
                server = await loop.create_server(
                    partial(self._connection, hop.transport, ours=False),
                    hop.host,
                    port,
                    backlog=512,
                    ssl=self._server_context(hop),
                    ssl_handshake_timeout=CONNECT_S if hop.transport in ENCRYPTED else None,
                )
                self._servers.append(server)
                name = server.sockets[0].getsockname()
            bound.append(Hop(hop.transport, name[0], name[1]))
        return tuple(bound)

    async def close(self) -> None:
        """Close everything."""
        self._open = False
        if self._sweeping is not None:
            self._sweeping.cancel()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._udp is not None:
            self._udp.close()
            self._udp = None
        for connection in tuple(self._connections.values()):
            connection.close()
        self._connections.clear()
        self._hosts.clear()
        for server in self._servers:
            server.close()
        self._servers.clear()
        self._certificates.clear()
        await asyncio.sleep(0)  # let the loop see the sockets closed

    def send(self, packet: Packet) -> None:
        """Send now if possible; a name is looked up and a connection made in the background."""
        destination = packet.destination
        if destination.transport == UDP:
            if is_literal(destination.host):
                self._send_datagram(packet.data, destination)
            else:
                self._spawn(self._look_up_and_send(packet.data, destination))
            return
        connection = self._connections.get(packet.flow) if packet.flow is not None else None
        connection = connection or self._connections.get(destination)
        if connection is not None:
            connection.write(packet.data)
        elif destination.transport in WEB:  # only clients make these
            asyncio.get_running_loop().call_soon(self._receiver.on_unreachable, destination)
        else:
            self._send_by_new_connection(packet.data, destination)

    def _on_datagram(self, data: bytes, source: Hop) -> None:
        if not is_stun(data):
            self._receiver.on_message(data, source)
        elif (answer := self._stun.answer(data, source, asyncio.get_running_loop().time())) is not None:
            self._send_datagram(answer, source)

    def _send_datagram(self, data: bytes, destination: Hop) -> None:
        if self._udp is not None and not self._udp.is_closing():
            self._udp.sendto(data, (destination.host, destination.port))

    async def _look_up_and_send(self, data: bytes, destination: Hop) -> None:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(
                destination.host, destination.port, type=socket.SOCK_DGRAM, family=self._family()
            )
        except (OSError, UnicodeError):  # UnicodeError: no name, as one with a label of more than 63 characters
            _log.warning("cannot look up %s", destination.host)
            self._receiver.on_unreachable(destination)
            return
        self._send_datagram(data, Hop(UDP, str(found[0][4][0]), destination.port))

    def _family(self) -> socket.AddressFamily:
        name = self._udp.get_extra_info("sockname") if self._udp is not None else ("",)
        return socket.AF_INET6 if ":" in name[0] else socket.AF_INET

    # Connections

    def _connection(self, transport: str, *, ours: bool) -> Connection:
        return Connection(
            self._receiver.on_message,
            self._connected,
            self._disconnected,
            transport=transport,
            ours=ours,
            wire=WebSocketWire(self._origins) if transport in WEB else StreamWire(ours=ours),
        )

    def _server_context(self, hop: Hop) -> ssl.SSLContext | None:
        if hop.transport not in ENCRYPTED:
            return None
        if self._tls is None:
            raise Unavailable(f"listening on {hop.transport} needs a certificate")
        # browsers have no certificates of their own
        verify = self._tls.verify_clients and hop.transport == TLS
        certificates = ServerCertificates(replace(self._tls, verify_clients=verify))
        self._certificates.append(certificates)
        return certificates.context

    def _client_context(self) -> ssl.SSLContext:
        """Made when it is first needed: reading the system's authorities takes a while."""
        if self._tls_client is None:
            self._tls_client = client_context(self._tls)
        return self._tls_client

    def _connected(self, connection: Connection) -> bool:
        """Whether the connection may stay."""
        if not self._open or len(self._connections) >= MAX_CONNECTIONS:
            return False
        host = connection.peer.host
        if not connection.ours:
            if self._hosts[host] >= self._per_host:
                return False
            self._hosts[host] += 1
        self._connections[connection.peer] = connection
        return True

    def _disconnected(self, connection: Connection) -> None:
        gone = [hop for hop, one in self._connections.items() if one is connection]
        if gone and not connection.ours:
            self._hosts[connection.peer.host] -= 1
            if self._hosts[connection.peer.host] <= 0:
                del self._hosts[connection.peer.host]
        for hop in gone:
            del self._connections[hop]
            if connection.ours and not connection.spoke:
                # by TLS 1.3 whoever wants a certificate of ours says so only now, and not every library tells us
                broke = failed(connection.fault) if connection.fault is not None else CLOSED
                self._note_fault(hop, broke)
            if self._open:
                self._receiver.on_unreachable(hop)

    def _send_by_new_connection(self, data: bytes, destination: Hop) -> None:
        waiting = self._opening.get(destination)
        if waiting is not None:
            if len(waiting) < MAX_WAITING:
                waiting.append(data)
            return
        if not self._open or len(self._connections) + len(self._opening) >= MAX_CONNECTIONS:
            _log.warning("too many connections: a message to %s is dropped", destination.host)
            return
        self._opening[destination] = [data]
        self._spawn(self._connect(destination))

    async def _connect(self, destination: Hop) -> None:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(CONNECT_S):
                _, connection = await loop.create_connection(
                    partial(self._connection, destination.transport, ours=True),
                    destination.host,
                    destination.port,
                    ssl=self._client_context() if destination.transport == TLS else None,
                    server_hostname=destination.name or None,
                )
        except (OSError, TimeoutError, UnicodeError, Unavailable) as error:  # ssl.SSLError is an OSError
            why = failed(error)
            _log.warning("no connection to %s: %s", destination, why)
            self._note_fault(destination, why)
            self._opening.pop(destination, None)
            self._receiver.on_unreachable(destination)
            return
        self.faults.pop(destination, None)
        self._connections[destination] = connection  # under the name too by which it was asked for
        for data in self._opening.pop(destination, []):
            connection.write(data)

    def keep_flow(self, destination: Hop, flow_timer_s: float) -> None:
        """Our connection to ``destination``, if there is one, must be heard of within ``flow_timer_s`` again and again.
        Connections are looked at every ``SWEEP_S``, and pings shall not come at the last moment.
        """
        connection = self._connections.get(destination)
        if connection is not None and connection.ours:
            connection.ping_every(max(0.8 * flow_timer_s - SWEEP_S, 1.0))

    def _note_fault(self, destination: Hop, why: FailedConnection) -> None:
        if len(self.faults) >= MAX_FAULTS:
            del self.faults[next(iter(self.faults))]
        self.faults[destination] = why

    def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        for connection in set(self._connections.values()):
            if connection.is_stale(loop.time()):
                connection.close()
            elif not connection.keep_alive(loop.time()):
                connection.abort()
        renewed = [certificates.renew() for certificates in self._certificates]
        if any(renewed):
            self._tls_client = None  # we show the same one to those whom we call
        self._sweeping = loop.call_later(SWEEP_S, self._sweep)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


@lru_cache(maxsize=1024)
def is_literal(host: str) -> bool:
    """Whether ``host`` is an IP address rather than a name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _widen(udp: socket.socket) -> None:
    """Ask for ``RECEIVE_BUFFER``. The kernel gives what it may, and says twice that."""
    udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
    given = udp.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // 2
    if given < RECEIVE_BUFFER:
        _log.info(
            "%d KiB of datagrams may wait for us; sysctl net.core.rmem_max=%d allows more", given >> 10, RECEIVE_BUFFER
        )


def _datagram_socket(host: str, port: int) -> socket.socket:
    """Bound. ``::`` is IPv6 only, as it is for connections: IPv4 peers would come under addresses that are none."""
    made = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    try:
        made.setblocking(False)
        if ":" in host:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        made.bind((host, port))
    except OSError:
        made.close()
        raise
    return made
