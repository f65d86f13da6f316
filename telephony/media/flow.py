"""The hot path in Python: what runs once for every packet of every call. ``_pump.c`` is its compiled twin.

``Flow`` is the receiving side of a leg and knows one kind of packet, the next one of the stream that flows; ``Voice``
is the sending side, one RTP stream whoever speaks in it. Both are bases of the classes that know all the rest
(``leg.MediaLeg``, ``sender.LegSender``), which set their attributes. Everything out of the ordinary is handed to them:
``Flow.stray`` gets every other packet, ``Voice.tick`` every frame that does not simply go on.

The twin must do the same, byte for byte; tests feed both the same packets.
"""

from collections.abc import Callable, Sequence
from typing import Final

from core.audio import FRAME_SAMPLES, RATE_HZ
from telephony.rtp.packet import HEADER, HEADER_SIZE, PLAIN
from telephony.rtp.tape import Tape

VERSION: Final = 4
"""Goes up when the twins change together; a compiled one that was left from another version is not used."""
NOT_FLOWING: Final = -1
_JITTER_LIMIT: Final = RATE_HZ
"""Arrivals that differ by more than a second are a jump of the clock or a pause, not jitter."""
_pack = HEADER.pack
_unpack = HEADER.unpack_from


class Clock:
    """The engine's clock: ``samples`` of 8 kHz since it started, set once per turn of the loop."""

    __slots__ = ("samples",)

    def __init__(self) -> None:
        self.samples = 0


class Voice:
    """What one far end gets from us.

    ``sequence``, ``timestamp`` and ``sent_at`` (8 kHz samples of the clock) are those of the newest packet.
    ``transmit`` sends a packet and is None while nothing may be sent; ``descriptor`` is the connected socket behind it,
    or -1 where packets must go through ``transmit`` (not connected yet, or encrypted). ``tape`` notes what is sent.
    ``script`` is encoded audio, one byte a sample, that goes out frame by frame from ``at`` on; None if none does.
    """

    __slots__ = (
        "at",
        "descriptor",
        "octets",
        "payload_type",
        "script",
        "sent",
        "sent_at",
        "sequence",
        "ssrc",
        "tape",
        "timestamp",
        "transmit",
        "unsent",
    )

    def __init__(self) -> None:
        self.at = 0
        self.descriptor = -1
        self.octets = 0  # of payload, in the packets that were sent
        self.payload_type = -1
        self.script: bytes | None = None
        self.sent = 0
        self.sent_at = 0
        self.sequence = 0
        self.ssrc = 0
        self.tape: Tape | None = None
        self.timestamp = 0
        self.transmit: Callable[[bytes], int] | None = None
        self.unsent = 0

    def send(self, second: int, sequence: int, timestamp: int, payload: bytes) -> None:
        """Send one packet, if anything may be sent; ``second`` is payload type and marker bit."""
        if self.transmit is None:
            return
        try:
            self.transmit(_pack(PLAIN, second, sequence, timestamp, self.ssrc) + payload)
            self.sent += 1
            self.octets += len(payload)
        except OSError:  # the far end's port is closed, or the network is gone: RTP goes on
            self.unsent += 1

    def pass_on(self, sequence: int, timestamp: int, payload: bytes, now: int) -> None:
        """Send the next packet of the stream with these numbers."""
        self.sequence = sequence
        self.timestamp = timestamp
        self.sent_at = now
        self.send(self.payload_type, sequence, timestamp, payload)
        if self.tape is not None:
            self.tape.add(self.ssrc, timestamp, payload, now)

    def go_on(self, now: int) -> bool:
        """Send the next frame of the script, if there is a whole one and the stream was not interrupted."""
        script, at = self.script, self.at
        if script is None or at + FRAME_SAMPLES > len(script) or now - self.sent_at >= RATE_HZ:
            return False
        if self.transmit is None:
            return False
        self.at = at + FRAME_SAMPLES
        payload = script[at : at + FRAME_SAMPLES]
        self.pass_on((self.sequence + 1) & 0xFFFF, (self.timestamp + FRAME_SAMPLES) & 0xFFFFFFFF, payload, now)
        return True

    def tick(self, passed: int) -> None:
        """``passed`` frames of 20 ms have gone by: send what belongs to the last one."""
        raise NotImplementedError


class Flow:
    """What comes from one far end, on its short way: counted, noted, relayed.

    A packet is ordinary if it is plain RTP of ``ssrc``, with ``payload_type``, no marker, and ``next_sequence`` (which
    is ``NOT_FLOWING`` while none is). ``run`` counts those since it was last set to 0. ``tape`` notes them, ``put`` is
    called with (sequence, timestamp, payload, arrival) for each, ``hearer`` gets them with both offsets added and the
    payload translated by ``table`` (256 bytes); each of the four may be None.

    ``jitter`` is that of RFC 3550 A.8 in units of the RTP clock, times 16; the clock makes ``clock_ratio`` steps in a
    sample of 8 kHz. ``transit`` is -1 before the first packet.
    """

    __slots__ = (
        "clock",
        "clock_ratio",
        "heard_at",
        "hearer",
        "jitter",
        "next_sequence",
        "payload_type",
        "put",
        "run",
        "sequence_offset",
        "ssrc",
        "table",
        "tape",
        "timestamp_offset",
        "transit",
    )

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.clock_ratio = 1
        self.heard_at = clock.samples
        self.hearer: Voice | None = None
        self.jitter = 0
        self.next_sequence = NOT_FLOWING
        self.payload_type = -1
        self.put: Callable[[int, int, bytes, int], None] | None = None
        self.run = 0
        self.sequence_offset = 0
        self.ssrc = -1
        self.table: bytes | None = None
        self.tape: Tape | None = None
        self.timestamp_offset = 0
        self.transit = -1

    def hear(self, data: bytes) -> None:
        """Take one datagram from the place that is locked."""
        if len(data) <= HEADER_SIZE:
            self.stray(data)
            return
        first, second, sequence, timestamp, ssrc = _unpack(data)
        if sequence != self.next_sequence or second != self.payload_type or ssrc != self.ssrc or first != PLAIN:
            self.stray(data)
            return
        self.next_sequence = (sequence + 1) & 0xFFFF
        self.run += 1
        self.heard_at = now = self.clock.samples
        self.reckon(timestamp)
        payload = data[HEADER_SIZE:]
        if self.tape is not None:
            self.tape.add(ssrc, timestamp, payload, now)
        if self.put is not None:
            self.put(sequence, timestamp, payload, now)
        hearer = self.hearer
        if hearer is None or hearer.transmit is None:
            return
        if self.table is not None:
            payload = payload.translate(self.table)
        sequence = (sequence + self.sequence_offset) & 0xFFFF
        hearer.pass_on(sequence, (timestamp + self.timestamp_offset) & 0xFFFFFFFF, payload, now)

    def reckon(self, timestamp: int) -> None:
        """Reckon the jitter with a packet of ``timestamp`` that came now (RFC 3550 A.8)."""
        transit = (self.clock.samples * self.clock_ratio - timestamp) & 0xFFFFFFFF
        if self.transit >= 0:
            step = abs(((transit - self.transit + 0x80000000) & 0xFFFFFFFF) - 0x80000000)
            if step <= _JITTER_LIMIT * self.clock_ratio:
                self.jitter += step - (self.jitter + 8 >> 4)
        self.transit = transit

    def stray(self, data: bytes) -> None:
        """Take a datagram that is not ordinary."""
        raise NotImplementedError


def speak(voices: Sequence[Voice], passed: int, now: int) -> None:
    """``passed`` frames of 20 ms have gone by (more than one after a stall): each of ``voices`` sends what is due."""
    for voice in voices:
        if passed != 1 or not voice.go_on(now):
            voice.tick(passed)
