"""A recogniser worker: ``python -m asr.worker``, started by ``asr.process`` and ended by the end of its control socket.

It loads one model, receives taps by UDP itself (audio never passes through the control process), finds utterances and
recognises them, and transcribes recordings. It holds nothing that matters: it can be killed at any moment.
"""

import argparse
import asyncio
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from asr import engines
from asr.decoding import Decoding
from asr.lane import Lane
from asr.lifeline import die_with_parent
from asr.protocol import Engine
from asr.recordings import transcribe
from asr.stream import (
    GaveUp,
    LiveStream,
    Speech,
    SpeechBegan,
    SpeechOver,
    SpeechPaused,
    SpeechResumed,
    StreamEvent,
)
from asr.wire import (
    MAX_LINE,
    Began,
    FromWorker,
    Listen,
    NothingCame,
    NotTranscribed,
    Over,
    Ping,
    Pong,
    Ready,
    Sounds,
    StopListening,
    ToWorker,
    Transcribe,
    Transcribed,
    Understood,
    pack_report,
    unpack_command,
)
from core.errors import Line400Error, ParseError, Unavailable
from core.tap import TapFrame, unpack_tap

_log = logging.getLogger("line400.asr")

TICK_S: Final = 0.1
MAX_STREAMS: Final = 500
NO_MODEL: Final = 78
"""Exit status: the model cannot be loaded (sysexits: configuration error)."""


class Worker(asyncio.DatagramProtocol):
    """Commands and tap datagrams in, reports out."""

    def __init__(self, engine: Engine, writer: asyncio.StreamWriter) -> None:
        self._engine = engine
        self._writer = writer
        self._loop = asyncio.get_running_loop()
        self._lane = Lane()
        self._streams: dict[int, LiveStream] = {}
        self._utterances: dict[int, Decoding] = {}
        self._decodings = 0
        """How many utterances the lane has to decode."""
        self._lost = 0
        """Datagrams of taps, since control was last told."""

    async def run(self, reader: asyncio.StreamReader) -> None:
        """Serve until control closes the socket."""
        ticking = asyncio.create_task(self._tick())
        try:
            while line := await reader.readline():
                self._obey(unpack_command(line))
        finally:
            ticking.cancel()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """A piece of a tap. What belongs to no stream is dropped: the number of a stream is its secret."""
        try:
            frame: TapFrame = unpack_tap(data)
        except ParseError:
            return
        stream = self._streams.get(frame.stream)
        if stream is not None:
            before = stream.lost
            self._follow(frame.stream, stream.accept(frame, time.monotonic()))
            self._lost += stream.lost - before

    def report(self, message: FromWorker) -> None:
        """Tell control."""
        self._writer.write(pack_report(message))

    def _obey(self, command: ToWorker) -> None:
        if isinstance(command, Ping):
            self.report(Pong(self._lane.busy_s(), self._lost))
            self._lost = 0
        elif isinstance(command, StopListening):
            self._streams.pop(command.stream, None)
            self._utterances.pop(command.stream, None)
        elif isinstance(command, Transcribe):
            self._lane.submit(lambda: self._transcribe(command))
        elif len(self._streams) >= MAX_STREAMS:
            self.report(NothingCame(command.stream, "unavailable"))
        else:
            self._listen(command)

    def _listen(self, command: Listen) -> None:
        self._streams[command.stream] = LiveStream(
            time.monotonic(), no_speech_s=command.no_speech_s, max_s=command.max_s
        )
        self._utterances[command.stream] = Decoding(self._engine, command.phrases, command.every_s)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            now = time.monotonic()
            for number, stream in list(self._streams.items()):
                self._follow(number, stream.on_time(now))

    def _follow(self, number: int, events: list[StreamEvent]) -> None:
        utterance = self._utterances[number]
        for event in events:
            if isinstance(event, SpeechBegan):
                self.report(Began(number))
            elif isinstance(event, Speech):
                audio = event.audio
                self._lane.submit(lambda audio=audio: utterance.accept(audio))  # type: ignore[misc]
                if utterance.due(audio.size):
                    self._tell(number, utterance)
            elif isinstance(event, SpeechPaused):
                self._draft(number, utterance)
            elif isinstance(event, SpeechResumed):
                utterance.resumed()
            elif isinstance(event, SpeechOver):
                self.report(Over(number))
                self._decode(lambda: self._finish(number, utterance))
                del self._streams[number]
            elif isinstance(event, GaveUp):
                self.report(NothingCame(number, event.why))
                del self._streams[number]
                del self._utterances[number]

    def _draft(self, number: int, utterance: Decoding) -> None:
        """Decode in the pause that ends an utterance, if nobody else waits: mostly it is no breath, and time is won."""
        if self._engine.streaming or self._decodings:
            if utterance.followed:
                self._tell(number, utterance)
            return
        pause = utterance.paused()
        self._decode(lambda: utterance.draft(pause) if number in self._utterances else None)
        if utterance.followed:
            self._tell(number, utterance, drafted=True)

    def _tell(self, number: int, utterance: Decoding, *, drafted: bool = False) -> None:
        """What it sounds like so far, if nobody else waits, or it was worked out anyway."""
        if self._decodings and not drafted:
            return
        utterance.told()

        def work() -> None:
            if self._utterances.get(number) is utterance:
                self._loop.call_soon_threadsafe(self._sounds, Sounds(number, utterance.so_far()))

        self._decode(work)

    def _sounds(self, message: Sounds) -> None:
        if message.text and message.stream in self._utterances:
            self.report(message)

    def _decode(self, work: Callable[[], None]) -> None:
        def counted() -> None:
            work()
            self._loop.call_soon_threadsafe(self._decoded)

        self._decodings += 1
        self._lane.submit(counted)

    def _decoded(self) -> None:
        self._decodings -= 1

    def _finish(self, number: int, utterance: Decoding) -> None:
        """In the lane. An utterance that was stopped meanwhile is not worth decoding."""
        if self._utterances.get(number) is not utterance:
            return
        text, words = utterance.finish()
        self._loop.call_soon_threadsafe(self._understood, Understood(number, text, words))

    def _understood(self, message: Understood) -> None:
        if self._utterances.pop(message.stream, None) is not None:
            self.report(message)

    def _transcribe(self, command: Transcribe) -> None:
        """In the lane."""
        message: FromWorker
        try:
            key_file = Path(command.key_file) if command.key_file else None
            transcript = transcribe(self._engine, Path(command.path), command.speakers, self._lane.beat, key_file)
            message = Transcribed(command.job, transcript)
        except (Line400Error, OSError) as error:
            message = NotTranscribed(command.job, str(error))
        self._loop.call_soon_threadsafe(self.report, message)


async def serve(engine: Engine, control: socket.socket, host: str) -> None:
    """Work for the control process at the other end of ``control``; taps are received on ``host``."""
    reader, writer = await asyncio.open_connection(sock=control, limit=MAX_LINE)
    worker = Worker(engine, writer)
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: worker, local_addr=(host, 0))
    port = int(transport.get_extra_info("sockname")[1])
    worker.report(Ready(engine.name, port))
    try:
        await worker.run(reader)
    finally:
        transport.close()


def main() -> int:
    """Entry of the process; see ``asr.process`` for its arguments."""
    parser = argparse.ArgumentParser(prog="asr.worker")
    parser.add_argument("--engine", required=True)
    parser.add_argument("--model", required=True, type=Path)
    parser.add_argument("--host", required=True)
    parser.add_argument("--control", required=True, type=int)
    parser.add_argument("--nice", required=True, type=int)
    arguments = parser.parse_args()
    die_with_parent()
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(name)s %(levelname)s %(message)s")
    for name in (signal.SIGINT, signal.SIGTERM):  # sent to the whole group; control obeys and closes our socket
        signal.signal(name, signal.SIG_IGN)
    if arguments.nice:
        os.nice(arguments.nice)
    control = socket.socket(fileno=arguments.control)
    try:
        engine = engines.load(arguments.engine, arguments.model)
    except Unavailable as error:
        _log.error("%s", error)
        return NO_MODEL
    try:
        asyncio.run(serve(engine, control, arguments.host))
    except ConnectionError:
        _log.info("control is gone; the recogniser ends")
    os._exit(0)  # the lane may be deep in a model; nothing here needs a farewell


if __name__ == "__main__":
    sys.exit(main())
