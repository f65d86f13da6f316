"""One media worker seen from control: the connection to it, and the commands that wait for an answer.

The worker is a process of ours, which inherits one end of a socket pair, or one on another machine at the end of a TCP
connection (``remote``). The connection is its life line in both directions: when it closes, the worker ends its
recordings and exits; when the worker dies, every waiting command fails and ``on_lost`` is called once.
"""

import asyncio
import contextlib
import logging
import socket
from collections.abc import Callable, Sequence
from typing import Final

from core.errors import ParseError, Unavailable
from telephony.media.commands import Command, Ping
from telephony.media.port import PORT_VERSION, MediaEvent
from telephony.media.processes import start_worker
from telephony.media.remote import RemoteWorker, connect
from telephony.media.wire import Answered, Asked, Deframer, Gift, Happened, Hello, pack, unpack

_log = logging.getLogger("line400.media")
START_TIMEOUT_S: Final = 15.0
ANSWER_TIMEOUT_S: Final = 5.0
ANSWER_LOOKS: Final = 10
"""In so many equal parts that time is waited for: if this process stood still, one of them passed unseen, and the
answer that has come meanwhile is read in the next.
"""
PING_EVERY_S: Final = 5.0
STOP_TIMEOUT_S: Final = 5.0
REAP_TIMEOUT_S: Final = 1.0


class WorkerLink:
    """A running worker. Make it with ``WorkerLink.start`` or ``WorkerLink.join``; ``name`` tells it apart in the log.

    ``advertised`` is the address for SDP that a worker on another machine told ("" for ours).
    """

    def __init__(
        self,
        *,
        name: str,
        process: asyncio.subprocess.Process | None,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        on_event: Callable[[MediaEvent], None],
        on_lost: Callable[["WorkerLink"], None],
        advertised: str = "",
    ) -> None:
        self.name = name
        self.advertised = advertised
        self._process = process
        self._reader = reader
        self._writer = writer
        self._on_event = on_event
        self._on_lost = on_lost
        self._waiting: dict[int, asyncio.Future[Gift]] = {}
        self._next_id = 0
        self._alive = True
        self._closing = False
        self._greeted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._forward_stderr())]

    @classmethod
    async def start(
        cls,
        name: str,
        arguments: Sequence[str],
        on_event: Callable[[MediaEvent], None],
        on_lost: Callable[["WorkerLink"], None],
    ) -> "WorkerLink":
        """Start a worker on this machine and wait until it speaks our port version; ``Unavailable`` if it does not
        within 15 s.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            process = await start_worker(theirs, arguments, asyncio.subprocess.PIPE)
        reader, writer = await asyncio.open_connection(sock=ours)
        link = cls(name=name, process=process, reader=reader, writer=writer, on_event=on_event, on_lost=on_lost)
        await link._until_greeted()
        return link

    @classmethod
    async def join(
        cls,
        worker: RemoteWorker,
        silent_s: float,
        on_event: Callable[[MediaEvent], None],
        on_lost: Callable[["WorkerLink"], None],
    ) -> "WorkerLink":
        """Let the media host ``worker`` start one on its machine; ``Unavailable`` where that does not come to be."""
        sock, welcome = await connect(worker, silent_s)
        reader, writer = await asyncio.open_connection(sock=sock)
        link = cls(
            name=str(worker),
            process=None,
            reader=reader,
            writer=writer,
            on_event=on_event,
            on_lost=on_lost,
            advertised=welcome.host,
        )
        await link._until_greeted()
        return link

    async def _until_greeted(self) -> None:
        try:
            async with asyncio.timeout(START_TIMEOUT_S):
                await asyncio.shield(self._greeted)
        except (TimeoutError, Unavailable) as error:
            await self.stop()
            raise Unavailable(f"media worker {self.name} did not start: {error or 'it said nothing'}") from None
        except asyncio.CancelledError:
            self._closing = True
            self._kill()
            raise

    @property
    def alive(self) -> bool:
        """False once the worker has died or is being stopped."""
        return self._alive and not self._closing

    @property
    def pid(self) -> int | None:
        """The worker's process id, if it is one of ours."""
        return self._process.pid if self._process is not None else None

    async def ask(self, command: Command) -> Gift:
        """Send ``command`` (at once, in order) and return what the worker gave.

        ``LocalProtocolError`` as the engine raised it; ``Unavailable`` if the worker died, or hung for 5 s (it is
        killed then).
        """
        if not self.alive:
            raise Unavailable(f"media worker {self.name} has died")
        answer: asyncio.Future[Gift] = asyncio.get_running_loop().create_future()
        number = self._send(command)
        self._waiting[number] = answer
        try:
            for _ in range(ANSWER_LOOKS):
                if (await asyncio.wait([answer], timeout=ANSWER_TIMEOUT_S / ANSWER_LOOKS))[0]:
                    return answer.result()
            _log.error("media worker %s gave no answer to %s: killing it", self.name, type(command).__name__)
            self._kill()
            raise Unavailable(f"media worker {self.name} hangs")
        finally:
            answer.cancel()
            self._waiting.pop(number, None)

    async def watch(self) -> None:
        """Ask now and then whether it still answers, as long as it lives. One that hangs would else be found out by the
        next command only, and until then nobody in its calls would hear a word.
        """
        while self.alive:
            with contextlib.suppress(Unavailable):
                await self.ask(Ping())
            await asyncio.sleep(PING_EVERY_S)

    def tell(self, command: Command) -> None:
        """Send ``command`` and let its answer go; nothing happens if the worker has died."""
        if self.alive:
            self._send(command)

    def _send(self, command: Command) -> int:
        self._next_id += 1
        self._writer.write(pack(Asked(self._next_id, command)))
        return self._next_id

    async def stop(self) -> None:
        """Let the worker end its recordings and exit; after 5 s kill it, or give the connection up."""
        self._closing = True
        with contextlib.suppress(OSError, RuntimeError):  # RuntimeError: uvloop's word for a transport closed already
            if not self._writer.is_closing() and self._writer.can_write_eof():
                self._writer.write_eof()
        try:
            async with asyncio.timeout(STOP_TIMEOUT_S):
                await self._end()
        except TimeoutError:
            self._kill()
            await self._end()
        await asyncio.gather(*self._tasks)
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()

    async def _end(self) -> None:
        if self._process is not None:
            await self._process.wait()
        else:
            await asyncio.shield(self._tasks[0])  # until it has closed its side too

    def _kill(self) -> None:
        if self._process is None:
            self._writer.transport.abort()
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def _read(self) -> None:
        deframer = Deframer()
        try:
            while data := await self._reader.read(65536):
                for body in deframer.feed(data):
                    self._take(body)
        except OSError as error:
            _log.warning("connection to media worker %s broke: %s", self.name, error)
        except ParseError as error:
            _log.error("media worker %s: %s", self.name, error)
        self._lose()

    def _take(self, body: bytes) -> None:
        match unpack(body):
            case Happened(event):
                self._on_event(event)
            case Answered(number, gave, error):
                answer = self._waiting.get(number)
                if answer is None or answer.done():
                    return
                if error is None:
                    answer.set_result(gave)
                else:
                    answer.set_exception(error)
            case Hello(version):
                self._greet(version)
            case Asked():
                raise ParseError("a worker must not send commands")

    def _greet(self, version: int) -> None:
        if self._greeted.done():
            return
        if version == PORT_VERSION:
            self._greeted.set_result(None)
            return
        fault = f"port version {version} is spoken there, {PORT_VERSION} here: both must come from the same release"
        self._greeted.set_exception(Unavailable(fault))
        raise ParseError(fault)

    def _lose(self) -> None:
        self._alive = False
        lost = Unavailable(f"media worker {self.name} has died")
        if not self._greeted.done():
            self._greeted.set_exception(lost)
        if self._greeted.exception() is not None:
            return  # it never was up: who starts it hears of it
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(lost)
        if not self._closing:
            self._on_lost(self)

    async def reap(self) -> str:
        """Wait for the process of a lost worker and free its connection; how it ended, in words.

        A worker without its connection is of no use: if it is not dead within a second, it is killed (one on another
        machine by its host).
        """
        self._writer.close()
        with contextlib.suppress(OSError):
            await self._writer.wait_closed()
        if self._process is None:
            await asyncio.gather(*self._tasks)
            return "its connection closed"
        try:
            async with asyncio.timeout(REAP_TIMEOUT_S):
                status = await self._process.wait()
        except TimeoutError:
            self._kill()
            status = await self._process.wait()
        await asyncio.gather(*self._tasks)
        return f"exit status {status}"

    async def _forward_stderr(self) -> None:
        if self._process is None:
            return
        stderr = self._process.stderr
        assert stderr is not None  # we asked for a pipe
        while line := await stderr.read(4096):
            for text in line.decode(errors="replace").splitlines():
                _log.warning("media worker %s: %s", self.name, text)
