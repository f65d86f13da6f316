"""The worker's end of the control connection: commands in, answers and events out, never waiting for control."""

import contextlib
import socket
from collections.abc import Callable
from typing import Final

from core.errors import LocalProtocolError, ParseError, Unavailable
from telephony.media.commands import Command
from telephony.media.port import PORT_VERSION, Address, LegStats, MediaEvent
from telephony.media.wire import Answered, Asked, Deframer, Happened, Hello, Message, pack, unpack

MAX_UNSENT: Final = 4 << 20
_READ: Final = 1 << 16


class ControlConnection:
    """Speaks the wire over ``sock``; ``do`` carries out a command. ``closed`` once control has gone or is of no use."""

    def __init__(self, sock: socket.socket, do: Callable[[Command], Address | LegStats | None]) -> None:
        sock.setblocking(False)
        self._socket = sock
        self._do = do
        self._deframer = Deframer()
        self._unsent = bytearray()
        self.closed = False
        self._send(Hello(PORT_VERSION))

    def fileno(self) -> int:
        """For ``epoll``."""
        return self._socket.fileno()

    @property
    def wants_to_write(self) -> bool:
        """Something waits to be sent."""
        return bool(self._unsent)

    def readable(self) -> None:
        """Take what control sent. An end of the stream, a broken frame or a command that is none closes it."""
        try:
            data = self._socket.recv(_READ)
            if not data:
                self.closed = True
                return
            for body in self._deframer.feed(data):
                self._answer(body)
        except BlockingIOError:
            return
        except (OSError, ParseError):
            self.closed = True

    def _answer(self, body: bytes) -> None:
        message = unpack(body)
        if not isinstance(message, Asked):
            raise ParseError("control sends commands only", where="media port")
        try:
            gave = self._do(message.command)
        except (LocalProtocolError, Unavailable) as error:
            self._send(Answered(message.id, error=error))
        else:
            self._send(Answered(message.id, gave))

    def emit(self, event: MediaEvent) -> None:
        """Tell control what happened."""
        self._send(Happened(event))

    def _send(self, message: Message) -> None:
        self._unsent += pack(message)
        if len(self._unsent) > MAX_UNSENT:
            self.closed = True  # control has not read for a long time: it is dead or as good as dead
        self.flush()

    def flush(self) -> None:
        """Send what the socket takes now."""
        try:
            while self._unsent:
                sent = self._socket.send(self._unsent)
                del self._unsent[:sent]
        except BlockingIOError:
            return
        except OSError:
            self.closed = True
            self._unsent.clear()

    def close(self) -> None:
        """Send the rest, as far as control still reads, and close."""
        self._socket.settimeout(1.0)
        with contextlib.suppress(OSError):  # control has gone: nobody is left to tell
            self._socket.sendall(self._unsent)
        self._socket.close()
