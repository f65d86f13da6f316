"""A phone as a page in a browser is one: SIP over a WebSocket of the ``websockets`` library, no port of its own."""

import asyncio
import secrets
import ssl
from collections.abc import Callable, Sequence

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from core.errors import CallRejected
from service.clock import SystemClock
from service.demo.softphone import PhoneCall, Softphone
from telephony.sip.address import NameAddress
from telephony.sip.credentials import Credentials
from telephony.sip.hop import Hop, Packet
from telephony.sip.transport import Receiver
from telephony.sip.uri import SipUri


class WebSocketLine:
    """Stands where ``Transports`` stands in a stack: one WebSocket to the server carries everything."""

    def __init__(self, receiver: Receiver, server: Hop, tls: ssl.SSLContext | None) -> None:
        self._receiver = receiver
        self._server = server
        self._tls = tls
        self._socket: ClientConnection | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, listen: Sequence[Hop]) -> tuple[Hop, ...]:
        scheme = "wss" if self._tls is not None else "ws"
        self._socket = await connect(
            f"{scheme}://{self._server.host}:{self._server.port}/",
            ssl=self._tls,
            subprotocols=[Subprotocol("sip")],
            proxy=None,
        )
        assert self._socket.subprotocol == "sip"
        self._spawn(self._read(self._socket))
        return tuple(listen)

    async def close(self) -> None:
        if self._socket is not None:
            await self._socket.close()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def drop(self) -> None:
        """The cable is cut."""
        assert self._socket is not None
        self._socket.transport.abort()

    def send(self, packet: Packet) -> None:
        self._spawn(self._send(packet.data.decode()))

    async def _send(self, text: str) -> None:
        assert self._socket is not None
        try:
            await self._socket.send(text)
        except ConnectionClosed:
            self._receiver.on_unreachable(self._server)

    async def _read(self, socket: ClientConnection) -> None:
        try:
            async for message in socket:
                data = message.encode() if isinstance(message, str) else message
                self._receiver.on_message(data, self._server)
        except ConnectionClosed:
            self._receiver.on_unreachable(self._server)

    def _spawn(self, work: "asyncio._CoroutineLike[None]") -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)  # type: ignore[arg-type]
        task.add_done_callback(self._tasks.discard)  # type: ignore[arg-type]


class WebPhone(Softphone):
    """``instance`` names the phone for good (RFC 5626), whatever connection it uses."""

    def __init__(
        self,
        port: int,
        user: str,
        password: str,
        on_call: Callable[[PhoneCall], None] | None = None,
        tls: ssl.SSLContext | None = None,
        instance: str = "00000000-0000-1000-8000-000a95a0e128",
    ) -> None:
        server = Hop("WSS" if tls is not None else "WS", "127.0.0.1", port)
        self.name = f"{secrets.token_hex(6)}.invalid"  # RFC 7118 §5: a page knows no address of its own
        super().__init__(SystemClock(), server, user, password, on_call, Hop(server.transport, self.name, 80))
        self.line = WebSocketLine(self.stack, server, tls)
        self.stack._transports = self.line  # type: ignore[assignment]
        self.instance = instance

    async def register(self, expires_s: int = 300) -> None:
        me = NameAddress(SipUri(self._server.host, user=self._user))
        contact = f'<sip:{self._user}@{self.name};transport=ws;ob>;reg-id=1;+sip.instance="<urn:uuid:{self.instance}>"'
        key = self.stack.request(
            self._server,
            "REGISTER",
            SipUri(self._server.host),
            me,
            me,
            Credentials(self._user, self._password),
            headers=(("Contact", contact), ("Expires", str(expires_s)), ("Supported", "outbound, path")),
        )
        answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._responses[key] = answer
        status = await answer
        if status != 200:
            raise CallRejected(status, "registration refused")
