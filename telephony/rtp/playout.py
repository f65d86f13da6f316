"""The adaptive jitter buffer of one incoming stream: packets in as they come, sound out on the tick.

For legs whose audio is mixed or transcoded; plain bridges are relayed and never come here. ``put`` notes an encoded
packet at its place (see ``placing``), ``take`` decodes what is due and gives as many samples as are asked for, always:

- What has not come in time is concealed (``conceal``). If it comes soon after all, and packets have come that late
  before, playing steps back to it: the delay grows by what was made up. Otherwise it is too late.
- The delay follows the lateness of the last packets (``lateness``). In sound it changes by a pitch period at a time
  (``stretch``), in pauses at once. It is the least at which packets begin where frames begin; what a clock that runs
  fast or slow adds up to is taken out in the same way.
- Comfort noise (``comfort``) lasts until sound comes; a pause without it ends in silence after 60 ms.
- A new source, or a clock that jumps, is blended in (a ``seam``).

Times and places are counts of 8 kHz samples on the engine's clock. What waits is bounded (``arrivals``).
"""

from collections.abc import Callable
from math import gcd
from typing import Final, TypeAlias

import numpy as np

from core.audio import FRAME_SAMPLES, RATE_HZ, Pcm
from core.errors import ParseError
from telephony.rtp.arrivals import Arrivals, Coming
from telephony.rtp.comfort import Comfort, ComfortNoise, parse_comfort
from telephony.rtp.conceal import HISTORY, Concealment
from telephony.rtp.fade import blend, to_pcm
from telephony.rtp.stretch import COMPARED, LONGEST, SHORTEST, lengthen, shorten

MARGIN: Final = 40
"""Samples (5 ms) that all but the latest packets come before they are due, when the delay is set."""
GUARD: Final = 16
"""When they come less than 2 ms before that, the delay grows."""
MOST_DELAY: Final = 2400
"""Delay beyond the least lateness (300 ms) at which playing jumps ahead, as after a stall of the engine."""
_BETWEEN_CUTS: Final = 5
"""Takes between two pieces that are left out."""
_WORTH_IT: Final = 2 * SHORTEST
_CHOICE: Final = 4 * SHORTEST
"""At least so long a piece may be added: the best of them all is looked for."""
_HEARD_AS_QUIET: Final = 48
_FAR: Final = 1 << 40
_NOTHING: Final[Pcm] = np.zeros(0, dtype=np.int16)
_LONG_SILENCE: Final[Pcm] = np.zeros(HISTORY, dtype=np.int16)

Decode: TypeAlias = Callable[[bytes], Pcm]
"""From one packet's payload to samples of 8 kHz; ``ParseError`` for what is none."""


class Playout:
    """One stream. ``seed`` makes the comfort noises of many streams differ.

    ``delay``: samples that playing adds now to the packets that are the least late. ``concealed``: samples that were
    made up for lost or late packets. ``stretched``: changes of speed.
    """

    __slots__ = (
        "_arrivals",
        "_cursor",
        "_decode",
        "_filler",
        "_leaving",
        "_past",
        "_patience",
        "_pieces",
        "_ready",
        "_rest",
        "_seed",
        "concealed",
        "delay",
        "stretched",
    )

    def __init__(self, decode: Decode, clock_hz: int = RATE_HZ, *, seed: int = 0) -> None:
        self._decode = decode
        self._arrivals = Arrivals(clock_hz)
        self._cursor: int | None = None  # the place of the next sample; None before the first packet
        self._ready = _NOTHING  # decoded, from the cursor on
        self._past = _LONG_SILENCE
        self._pieces: list[Pcm] = []  # of the frame that is being made
        self._filler: Concealment | ComfortNoise | None = Concealment(self._past)
        self._leaving: Concealment | None = None  # what comfort noise takes over from
        self._patience = 0
        self._rest = 0
        self._seed = seed
        self.concealed = 0
        self.delay = 0
        self.stretched = 0

    @property
    def late(self) -> int:
        """Packets that came too late."""
        return self._arrivals.late

    @property
    def held(self) -> int:
        """Packets in memory."""
        return self._arrivals.held

    @property
    def quiet(self) -> bool:
        """Nothing is heard, and nothing waits to be."""
        filler = self._filler
        return isinstance(filler, Concealment) and filler.loose and not self._arrivals.packets and not self._ready.size

    def change_codec(self, decode: Decode, clock_hz: int = RATE_HZ) -> None:
        """Packets come in another codec from now on. What waits of the old one is decoded now and still played."""
        if self._cursor is not None:
            while self._fetch():
                pass
        self._arrivals.change_clock(clock_hz)
        self._decode = decode

    def put(self, ssrc: int, timestamp: int, payload: bytes, arrival: int, *, begins: bool = False) -> None:
        """Note a packet that came at ``arrival``; ``begins``: its marker bit is set."""
        self._arrivals.put(Coming(ssrc, timestamp, payload, arrival), begins=begins)

    def put_comfort(self, ssrc: int, timestamp: int, payload: bytes, arrival: int) -> None:
        """Note a comfort noise packet (RFC 3389); ``ParseError`` where it is none."""
        self._arrivals.put(Coming(ssrc, timestamp, parse_comfort(payload), arrival), begins=False)

    def take(self, now: int, length: int = FRAME_SAMPLES) -> Pcm:
        """The ``length`` samples (80 or more) that follow those taken before. ``now``: the tick, on schedule."""
        if self._cursor is None:
            if not self._arrivals.packets:
                return np.zeros(length, dtype=np.int16)
            self._cursor = min(self._arrivals.packets)
        elif not self._arrivals.packets and self.quiet:
            self._cursor = now - self._arrivals.lateness.high - MARGIN  # a long pause costs next to nothing
            self._past = _LONG_SILENCE
            return np.zeros(length, dtype=np.int16)
        made = None
        change = self._change(now, length)
        if change:
            made = self._shortened(length, -change) if change < 0 else self._lengthened(length, change)
        if made is None:
            made = self._played(length)
        self._past = made[-HISTORY:] if length >= HISTORY else np.concatenate((self._past[length:], made))
        return made

    # How much delay to add (above 0) or to take out

    def _change(self, now: int, length: int) -> int:
        assert self._cursor is not None
        lateness = self._arrivals.lateness
        lateness.settle()
        grid = gcd(self._arrivals.size, length)
        need = lateness.high + length - grid
        delay = now - self._cursor
        self.delay = delay - lateness.least
        if self.delay > MOST_DELAY:
            self._jump(now - need - MARGIN)
            return 0
        if self._filler is not None:
            self._align(now, length, need)
            return 0
        phase = self._ready.size % grid
        aligned = delay - phase  # the delay if packets began where frames begin
        if aligned < need + GUARD:
            return (need + GUARD - aligned + grid - 1) // grid * grid - phase
        spare = max(0, aligned - need - MARGIN) // grid * grid + phase
        if self._rest:
            self._rest -= 1
            return 0
        return -spare if spare >= _WORTH_IT else 0

    def _jump(self, cursor: int) -> None:
        """Go on at ``cursor``: what is before it is lost."""
        if self._filler is None:
            self._filler = Concealment(self._past)
        self._ready = _NOTHING
        self._cursor = self._arrivals.heard = cursor

    def _align(self, now: int, length: int, need: int) -> None:
        """Nothing real is being played: the delay may change by going back to a late packet, or in silence at will."""
        assert self._filler is not None and self._cursor is not None
        delay = now - self._cursor
        if not self._arrivals.packets:
            if self._filler.loose:
                self._cursor = now - need - MARGIN
            return
        first = max(min(self._arrivals.packets), self._arrivals.heard)
        if self._filler.loose:
            wait = max(0, first + need + MARGIN - now + length - 1) // length * length
            self._cursor = first - wait
        elif first < self._cursor and delay < need:
            self._cursor = first

    def _shortened(self, length: int, most: int) -> Pcm | None:
        most = min(most, LONGEST)
        if not self._fetched(length + most) or length < COMPARED:
            return None
        made, left_out, likeness = shorten(self._ready, length, most)
        if not self._worth(likeness, length):
            return None
        self._consume(length + left_out)
        self._rest = _BETWEEN_CUTS
        return made

    def _lengthened(self, length: int, most: int) -> Pcm | None:
        most = min(max(most, _CHOICE), LONGEST, length)
        if not self._fetched(length) or length < COMPARED:
            return None
        made, added, likeness = lengthen(self._past, self._ready, length, most)
        if not self._worth(likeness, length):
            return None
        self._consume(length - added)
        return made

    def _worth(self, likeness: float, length: int) -> bool:
        """Whether a joint will do: the longer a change is due the less we ask of it."""
        self._patience += 1
        if likeness < 0.9 - 0.04 * self._patience and int(np.abs(self._ready[:length]).max()) > _HEARD_AS_QUIET:
            return False
        self._patience = 0
        self.stretched += 1
        return True

    # What is played

    def _played(self, length: int) -> Pcm:
        if self._filler is None and not self._ready.size:
            self._fetch()
        if self._filler is None and self._ready.size >= length:  # as nearly always
            return self._consume(length)
        pieces = self._pieces = []
        missing = length
        while missing:
            if self._ready.size or self._fetch():
                self._join()
                piece = self._consume(min(missing, self._ready.size))
            else:
                piece = self._fill(min(missing, self._gap()))
            pieces.append(piece)
            missing -= piece.size
        self._pieces = []
        return np.concatenate(pieces)

    def _consume(self, count: int) -> Pcm:
        assert self._cursor is not None
        ready = self._ready
        self._ready = ready[count:]
        self._cursor += count
        self._arrivals.heard = self._cursor
        return ready[:count]

    def _fetched(self, count: int) -> bool:
        """Whether ``count`` real samples are ready that go on from what was played."""
        while self._ready.size < count:
            if not self._fetch():
                return False
        return self._filler is None

    def _fetch(self) -> bool:
        """Decode the packet that follows what is ready; False if it is not there."""
        assert self._cursor is not None
        packets = self._arrivals.packets
        while packets:
            until = self._cursor + self._ready.size
            first = until if until in packets else min(packets)
            if first > until:
                return False
            waiting = packets[first]
            if self._ready.size and (waiting.seam or isinstance(waiting.payload, Comfort)):
                return False
            del packets[first]
            if isinstance(waiting.payload, Comfort):
                self._soothe(waiting.payload)
                continue
            if first + self._arrivals.size <= until:  # a decoder with a memory should not see it
                self._arrivals.late += 1
                continue
            try:
                samples = self._decode(waiting.payload)
            except ParseError:
                continue
            if not samples.size:
                continue
            self._arrivals.size = samples.size
            if first < until:
                samples = samples[until - first :]
                if not samples.size:
                    self._arrivals.late += 1
                    continue
            if waiting.seam and self._filler is None:
                self._filler = Concealment(self._history())
            self._ready = samples if not self._ready.size else np.concatenate((self._ready, samples))
            return True
        return False

    def _gap(self) -> int:
        """Samples to the next packet (which is not due)."""
        assert self._cursor is not None
        return min(self._arrivals.packets) - self._cursor if self._arrivals.packets else _FAR

    def _history(self) -> Pcm:
        return np.concatenate((self._past, *self._pieces)) if self._pieces else self._past

    def _fill(self, count: int) -> Pcm:
        assert self._cursor is not None
        filler = self._filler
        if filler is None:
            filler = self._filler = Concealment(self._history())
        if isinstance(filler, Concealment) and not filler.loose:
            self.concealed += count
        sound = filler.take(count)
        if self._leaving is not None:
            overlap = min(count, filler.overlap)
            sound[:overlap] = blend(self._leaving.take(overlap), sound[:overlap])
            self._leaving = None
        self._cursor += count
        return to_pcm(sound)

    def _soothe(self, comfort: Comfort) -> None:
        """Comfort noise from here on."""
        if isinstance(self._filler, ComfortNoise):
            self._filler.become(comfort)
            return
        self._leaving = self._filler or Concealment(self._history())
        self._filler = ComfortNoise(comfort, self._seed)

    def _join(self) -> None:
        """Blend what is ready with what was made up before it."""
        filler = self._filler
        if filler is None:
            return
        overlap = min(filler.overlap, self._ready.size)
        joint = to_pcm(blend(filler.take(overlap), self._ready[:overlap]))
        self._ready = np.concatenate((joint, self._ready[overlap:]))
        self._filler = self._leaving = None
