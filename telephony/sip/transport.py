"""SIP over UDP and TCP with asyncio (RFC 3261 §18): sockets, connections and their reuse; no SIP is understood here.

Bounded: connections, what waits for a connection, what a slow peer leaves unread. A name is looked up when sent to.
"""

import asyncio
import logging
import socket
from collections import Counter, deque
from collections.abc import Coroutine, Sequence
from functools import lru_cache
from ipaddress import ip_address
from typing import Final, Protocol

from core.errors import Unavailable
from telephony.sip.hop import UDP, Hop, Packet
from telephony.sip.tcp import Connection

_log: Final = logging.getLogger("line400.sip")
MAX_CONNECTIONS: Final = 1000
MAX_PER_HOST: Final = 50
"""Connections that one address may make to us, so that none takes all; those that we make do not count."""
MAX_WAITING: Final = 64
CONNECT_S: Final = 5.0
SWEEP_S: Final = 15.0
BIND_TRIES: Final = 20
RECEIVE_BUFFER: Final = 1 << 21
MAX_UNSERVED: Final = 1024
"""Datagrams that wait for their turn, beside those in the socket; more are lost, as on the wire."""
MAX_PER_TURN: Final = 32
TURN_S: Final = 0.005
"""How many datagrams are served, and for how long, before the event loop serves others."""


class Receiver(Protocol):
    """Who takes what comes in."""

    def on_message(self, data: bytes, source: Hop) -> None:
        """Take one datagram or one framed message."""
        ...

    def on_unreachable(self, destination: Hop) -> None:
        """A connection to ``destination`` could not be made, or was lost."""
        ...


class _Datagrams(asyncio.DatagramProtocol):
    """The UDP socket. A flood must not hold the event loop, so what comes in is served a little at each turn."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._unserved: deque[tuple[bytes, Hop]] = deque()
        self._serving: asyncio.Handle | None = None
        self._lost = 0

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        if len(self._unserved) >= MAX_UNSERVED:
            self._lost += 1
            return
        self._unserved.append((data, Hop(UDP, addr[0], addr[1])))
        if self._serving is None:
            self._serving = asyncio.get_running_loop().call_soon(self._serve)

    def connection_lost(self, exc: Exception | None) -> None:
        self._unserved.clear()
        if self._serving is not None:
            self._serving.cancel()
            self._serving = None

    def _serve(self) -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + TURN_S
        self._serving = None
        try:
            for _ in range(min(MAX_PER_TURN, len(self._unserved))):
                self._receiver.on_message(*self._unserved.popleft())
                if loop.time() >= until:
                    break
        finally:
            # one message that could not be served must not hold up the others
            if self._unserved and self._serving is None:
                self._serving = loop.call_soon(self._serve)
            elif self._lost:
                _log.warning("%d SIP datagrams were lost: more came than could be served", self._lost)
                self._lost = 0

    def error_received(self, exc: Exception) -> None:
        _log.debug("UDP: %s", exc)  # an ICMP error names no transaction: the timers will tell


class Transports:
    """All sockets of one endpoint: at most one listener per transport."""

    def __init__(self, receiver: Receiver) -> None:
        self._receiver = receiver
        self._udp: asyncio.DatagramTransport | None = None
        self._server: asyncio.Server | None = None
        self._connections: dict[Hop, Connection] = {}
        self._hosts: Counter[str] = Counter()
        self._opening: dict[Hop, list[bytes]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._sweeping: asyncio.TimerHandle | None = None
        self._open = False

    async def start(self, listen: Sequence[Hop]) -> tuple[Hop, ...]:
        """Bind; the addresses with their real ports. ``Unavailable`` says which could not be had."""
        if len({hop.transport for hop in listen}) != len(listen):
            raise ValueError("one listener per transport")
        shared_port = len(listen) > 1 and all(hop.port == 0 for hop in listen)
        for attempt in range(BIND_TRIES):
            try:
                bound = await self._bind(listen, shared_port=shared_port)
            except OSError as error:
                await self.close()
                if not shared_port or attempt == BIND_TRIES - 1:
                    where = ", ".join(str(hop) for hop in listen)
                    raise Unavailable(f"cannot listen on {where}: {error.strerror or error}") from None
                continue
            self._open = True
            self._sweep()
            return bound
        raise Unavailable("no free port for both UDP and TCP")

    async def _bind(self, listen: Sequence[Hop], *, shared_port: bool) -> tuple[Hop, ...]:
        loop = asyncio.get_running_loop()
        bound: list[Hop] = []
        for hop in listen:
            port = bound[0].port if shared_port and bound else hop.port
            if hop.transport == UDP:
                family = socket.AF_INET6 if ":" in hop.host else socket.AF_INET
                udp, _ = await loop.create_datagram_endpoint(
                    lambda: _Datagrams(self._receiver), local_addr=(hop.host, port), family=family
                )
                self._udp = udp
                udp.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
                name = udp.get_extra_info("sockname")
            else:
                self._server = await loop.create_server(self._incoming, hop.host, port, backlog=512)
                name = self._server.sockets[0].getsockname()
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
        if self._server is not None:
            self._server.close()
            self._server = None
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
        else:
            self._send_by_new_connection(packet.data, destination)

    def _send_datagram(self, data: bytes, destination: Hop) -> None:
        if self._udp is not None and not self._udp.is_closing():
            self._udp.sendto(data, (destination.host, destination.port))

    async def _look_up_and_send(self, data: bytes, destination: Hop) -> None:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(
                destination.host, destination.port, type=socket.SOCK_DGRAM, family=self._family()
            )
        except OSError:
            _log.warning("cannot look up %s", destination.host)
            self._receiver.on_unreachable(destination)
            return
        self._send_datagram(data, Hop(UDP, str(found[0][4][0]), destination.port))

    def _family(self) -> socket.AddressFamily:
        name = self._udp.get_extra_info("sockname") if self._udp is not None else ("",)
        return socket.AF_INET6 if ":" in name[0] else socket.AF_INET

    # Connections

    def _incoming(self) -> Connection:
        return Connection(self._receiver.on_message, self._connected, self._disconnected, ours=False)

    def _outgoing(self) -> Connection:
        return Connection(self._receiver.on_message, self._connected, self._disconnected, ours=True)

    def _connected(self, connection: Connection) -> bool:
        """Whether the connection may stay."""
        if not self._open or len(self._connections) >= MAX_CONNECTIONS:
            return False
        host = connection.peer.host
        if not connection.ours:
            if self._hosts[host] >= MAX_PER_HOST:
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
            if self._open:
                self._receiver.on_unreachable(hop)

    def _send_by_new_connection(self, data: bytes, destination: Hop) -> None:
        waiting = self._opening.get(destination)
        if waiting is not None:
            if len(waiting) < MAX_WAITING:
                waiting.append(data)
            return
        if not self._open or len(self._connections) + len(self._opening) >= MAX_CONNECTIONS:
            _log.warning("too many TCP connections: a message to %s is dropped", destination.host)
            return
        self._opening[destination] = [data]
        self._spawn(self._connect(destination))

    async def _connect(self, destination: Hop) -> None:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(CONNECT_S):
                _, connection = await loop.create_connection(self._outgoing, destination.host, destination.port)
        except (OSError, TimeoutError) as error:
            _log.info("no TCP connection to %s: %s", destination, error)
            self._opening.pop(destination, None)
            self._receiver.on_unreachable(destination)
            return
        self._connections[destination] = connection  # under the name too by which it was asked for
        for data in self._opening.pop(destination, []):
            connection.write(data)

    def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        for connection in set(self._connections.values()):
            if connection.is_stale(loop.time()):
                connection.close()
        self._sweeping = loop.call_later(SWEEP_S, self._sweep)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


@lru_cache(maxsize=4096)
def is_literal(host: str) -> bool:
    """Whether ``host`` is an IP address rather than a name."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def outward_address() -> str:
    """The address of the interface that leads outward, for listeners on a wildcard; no packet is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return "127.0.0.1"
        return str(probe.getsockname()[0])
