"""Voices that know each other: a caller says his own number in every packet, an agent's phone says back what it hears.

So a caller who hears his own number is joined with an agent, in both directions, and one who hears the number of
another is in the wrong call. Music and prompts have no mark.
"""

import asyncio
import struct
import time
from typing import Final

from core.audio import FRAME_SAMPLES
from service.demo.voice import Voice
from telephony.media.port import Address
from telephony.rtp.packet import HEADER, HEADER_SIZE

_PCMA: Final = 8
_MARK: Final = struct.Struct(">4sI")
_MAGIC: Final = b"L400"
_TURNS: Final = 5
_TURN_S: Final = 0.02 / _TURNS
_STALL_S: Final = 0.1


class MarkedVoice(Voice):
    """A caller at ``host``. ``met`` is set to the time (epoch seconds) at which he first heard himself; ``others``
    counts packets of other callers.
    """

    def __init__(self, mouths: "Mouths", host: str) -> None:
        super().__init__()
        self.met: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        self.others = 0
        self._mouths = mouths
        self._host = host
        self._number = 0
        self._payload = b""

    def mark(self, number: int) -> None:
        """This is who he is."""
        self._number = number
        self._payload = _MARK.pack(_MAGIC, number).ljust(FRAME_SAMPLES, b"\xd5")

    async def open(self, host: str = "") -> Address:
        """Bind a port of his own host, whatever ``host`` says."""
        del host
        return await super().open(self._host)

    def connect(self, remote: Address) -> None:
        """Speak to ``remote`` from the next turn on."""
        self._remote = (remote.host, remote.port)
        self._mouths.add(self)

    def close(self) -> None:
        """Fall silent."""
        self._mouths.drop(self)
        super().close()

    def speak(self) -> None:
        """One packet of 20 ms."""
        if self._transport is None or self._remote is None:
            return
        at = self._sequence
        header = HEADER.pack(0x80, _PCMA, at & 0xFFFF, at * FRAME_SAMPLES & 0xFFFFFFFF, self._number + 1)
        self._sequence = at + 1
        self._transport.sendto(header + self._payload, self._remote)

    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:
        """Look for a mark; reports (RTCP) have none."""
        del addr
        if len(data) < HEADER_SIZE + _MARK.size or data[1] & 0x7F != _PCMA:
            return
        magic, number = _MARK.unpack_from(data, HEADER_SIZE)
        if magic != _MAGIC:
            return
        if number != self._number:
            self.others += 1
        elif not self.met.done():
            self.met.set_result(time.time())


class Mouths:
    """Lets everybody speak every 20 ms, spread over turns of 4 ms."""

    def __init__(self) -> None:
        self._turns: list[dict[MarkedVoice, None]] = [{} for _ in range(_TURNS)]
        self._turn_of: dict[MarkedVoice, int] = {}

    def add(self, voice: MarkedVoice) -> None:
        """He speaks from now on. A second time is no error."""
        if voice not in self._turn_of:
            turn = min(range(_TURNS), key=lambda which: len(self._turns[which]))
            self._turn_of[voice] = turn
            self._turns[turn][voice] = None

    def drop(self, voice: MarkedVoice) -> None:
        """He does not speak any more; no error where he never did."""
        turn = self._turn_of.pop(voice, None)
        if turn is not None:
            del self._turns[turn][voice]

    async def run(self) -> None:
        """Until cancelled."""
        loop = asyncio.get_running_loop()
        due, turn = loop.time(), 0
        while True:
            for voice in tuple(self._turns[turn]):
                voice.speak()
            turn = (turn + 1) % _TURNS
            due += _TURN_S
            if loop.time() - due > _STALL_S:
                due = loop.time()  # after a stall of ours no burst
            await asyncio.sleep(max(0.0, due - loop.time()))


class Echo(asyncio.DatagramProtocol):
    """The ears and mouth of all phones of one process: each packet goes back to where it came from."""

    def __init__(self) -> None:
        self._transport: asyncio.DatagramTransport | None = None

    async def open(self, host: str) -> Address:
        """Bind a port; where others send to."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(lambda: self, local_addr=(host, 0))
        name = self._transport.get_extra_info("sockname")
        return Address(name[0], name[1])

    def datagram_received(self, data: bytes, addr: tuple[str | int, ...]) -> None:
        """Say it back."""
        if self._transport is not None and len(data) > HEADER_SIZE and data[1] & 0x7F == _PCMA:
            self._transport.sendto(data, addr)


class EchoVoice(Voice):
    """One call of a phone that echoes at ``place``."""

    def __init__(self, place: Address) -> None:
        super().__init__()
        self._place = place

    async def open(self, host: str = "") -> Address:
        """All calls share it."""
        del host
        return self._place

    def connect(self, remote: Address) -> None:
        """An echo knows where packets came from."""
