"""Listening to streams for keys and tones: pieces of any length in, what was heard out; many streams at a time.

``listen_all`` looks at all streams in one go, which costs a fraction of looking at each by itself; ``Listener.take`` is
the same for one. Streams that are silent cost next to nothing. Everything is told behind the sound: keys at their end,
tones when they are certain.
"""

from collections.abc import Collection, Sequence
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.audio import RATE_HZ, Pcm
from telephony.sound import beep, bursts, dtmf
from telephony.sound.bank import WINDOW
from telephony.sound.beep import BeepFollower
from telephony.sound.cadence import CadenceFollower, ToneFound, ToneOver
from telephony.sound.dtmf import KeyFollower, KeyHeard
from telephony.sound.fax import CedFollower, CngFollower
from telephony.sound.levels import power_of

Heard: TypeAlias = KeyHeard | ToneFound | ToneOver

PROGRESS: Final = ("ringback", "busy", "congestion", "dial")
DETECTED: Final = frozenset({"dtmf", *PROGRESS, "beep", "cng", "ced"})
"""What can be listened for."""

STEP: Final = 80
"""Streams are looked at in multiples of 10 ms; the rest waits for the next piece."""
_TAIL: Final = 240
"""Samples of the past that windows of the next piece reach into."""
_KEY_FROM: Final = _TAIL - (WINDOW - dtmf.HOP) - dtmf.LEAD * dtmf.HOP
_STEADY_FROM: Final = _TAIL - (WINDOW - bursts.HOP) - bursts.LEAD * bursts.HOP
_BEEP_FROM: Final = _TAIL - (beep.WINDOW - beep.HOP)
_SILENT: Final = power_of(-45.0)
_LONGEST: Final = RATE_HZ
"""A longer piece is looked at second by second, so that memory stays small."""


class Listener:
    """One stream, listened to for ``tones`` (of ``DETECTED``). ``ValueError`` for another name."""

    __slots__ = (
        "_beep",
        "_cadence",
        "_ced",
        "_cng",
        "_keys",
        "_rest",
        "_step",
        "_tail",
        "tones",
        "wants_beep",
        "wants_keys",
        "wants_steady",
    )

    def __init__(self, tones: Collection[str]) -> None:
        unknown = set(tones) - DETECTED
        if unknown:
            raise ValueError(f"nothing listens for {sorted(unknown)}")
        self.tones = frozenset(tones)
        self._keys = KeyFollower() if "dtmf" in self.tones else None
        self._cadence = CadenceFollower() if self.tones.intersection(PROGRESS) else None
        self._cng = CngFollower() if "cng" in self.tones else None
        self._ced = CedFollower() if "ced" in self.tones else None
        self._beep = BeepFollower() if "beep" in self.tones else None
        self._tail = np.zeros(_TAIL, dtype=np.int16)
        self._rest = np.zeros(0, dtype=np.int16)
        self._step = 0  # pieces of 10 ms that were looked at
        self.wants_keys = self._keys is not None
        self.wants_beep = self._beep is not None
        self.wants_steady = bool(self._cadence or self._cng or self._ced)

    def take(self, samples: Pcm) -> list[Heard]:
        """What was heard with the next ``samples`` of the stream."""
        return listen_all([self], [samples])[0]

    def end(self) -> list[Heard]:
        """The stream is over: a key that is down still."""
        heard = self._keys.reached(1 << 60) if self._keys is not None else None
        return [heard] if heard is not None else []

    def pieces(self, samples: Pcm) -> list[Pcm]:
        """``samples`` and what waited, in pieces ready to be looked at, each with its past before it."""
        fresh = np.concatenate([self._rest, samples]) if len(self._rest) else samples
        whole = len(fresh) // STEP * STEP
        self._rest = fresh[whole:].copy()
        pieces = []
        for begin in range(0, whole, _LONGEST):
            piece = np.concatenate([self._tail, fresh[begin : min(whole, begin + _LONGEST)]])
            self._tail = piece[-_TAIL:]
            pieces.append(piece)
        return pieces

    def advance(self, steps: int) -> int:
        """So many steps are looked at now; how many were before."""
        before = self._step
        self._step += steps
        return before

    # What the windows of one piece show, and what follows from it

    def keys(self, before: int, steps: int, found: Sequence[tuple[int, int, float, float]]) -> list[Heard]:
        """``found``: windows of this piece (0 the first that is judged) with key code and both offsets."""
        follower = self._keys
        heard: list[Heard] = []
        if follower is None or (not found and not follower.pending):
            return heard
        first = before * (STEP // dtmf.HOP) - (WINDOW - dtmf.HOP) // dtmf.HOP
        for window, code, low_off, high_off in found:
            if press := follower.take(first + window, code, low_off, high_off):
                heard.append(press)
        if press := follower.reached(first + steps * (STEP // dtmf.HOP)):
            heard.append(press)
        return heard

    def steady(self, tones: NDArray[np.bool_], power: list[float]) -> list[Heard]:
        """``tones`` (windows, 3) and ``power`` of the windows of this piece."""
        heard: list[Heard] = []
        for place, follower in enumerate((self._cadence, self._cng, self._ced)):
            if follower is None:
                continue
            if follower.idle and not tones[:, place].any():
                follower.tracker.skip(len(power))
                continue
            for tone, level in zip(tones[:, place].tolist(), power, strict=True):
                found = follower.take(tone=tone, power=level)
                if found is not None and found.tone in self.tones:
                    heard.append(found)
        return heard

    def beeps(self, frequency: list[float], power: list[float]) -> list[Heard]:
        """``frequency`` of the pure tone (0: none) and ``power`` of the windows of this piece."""
        follower = self._beep
        if follower is None:
            return []
        if follower.idle and not any(frequency):
            follower.skip(len(frequency))
            return []
        taken = (follower.take(hz, level) for hz, level in zip(frequency, power, strict=True))
        return [found for found in taken if found is not None]


def listen_all(listeners: Sequence[Listener], samples: Sequence[Pcm]) -> list[list[Heard]]:
    """What each of ``listeners`` heard with the next samples of its stream (one array for each)."""
    heard: list[list[Heard]] = [[] for _ in listeners]
    waiting = [
        (at, listener.pieces(piece)) for at, (listener, piece) in enumerate(zip(listeners, samples, strict=True))
    ]
    turn = 0
    while waiting:
        alike: dict[int, list[tuple[int, Pcm]]] = {}
        for at, pieces in waiting:
            if turn < len(pieces):
                alike.setdefault(len(pieces[turn]), []).append((at, pieces[turn]))
        for group in alike.values():
            _look([(listeners[at], heard[at]) for at, _ in group], np.stack([piece for _, piece in group]))
        turn += 1
        waiting = [item for item in waiting if turn < len(item[1])]
    return heard


def _look(streams: list[tuple[Listener, list[Heard]]], pieces: NDArray[np.int16]) -> None:
    """Look at pieces (streams, samples) of one length; what is heard is added to each stream's list."""
    steps = (pieces.shape[1] - _TAIL) // STEP
    before = [listener.advance(steps) for listener, _ in streams]
    real = pieces.astype(np.float32)
    loud = np.einsum("ij,ij->i", real, real) > _SILENT * np.float32(pieces.shape[1] // 8)
    _look_for_keys(streams, pieces, loud, before, steps)
    _look_for_steady(streams, pieces, loud, steps)
    _look_for_beeps(streams, pieces, loud, steps)


def _look_for_keys(
    streams: list[tuple[Listener, list[Heard]]],
    pieces: NDArray[np.int16],
    loud: NDArray[np.bool_],
    before: list[int],
    steps: int,
) -> None:
    wanted = [at for at, (listener, _) in enumerate(streams) if listener.wants_keys]
    looked = [at for at in wanted if loud[at]]
    found: dict[int, list[tuple[int, int, float, float]]] = {}
    if looked:
        near = dtmf.may_hold_key(pieces[looked, _KEY_FROM:])
        looked = [at for at, look in zip(looked, near.tolist(), strict=True) if look]
    if looked:
        frames = dtmf.key_frames(dtmf.KEY_BANK.look(pieces[looked, _KEY_FROM:]))
        columns = (frames.stream, frames.window, frames.code, frames.low_off, frames.high_off)
        for stream, window, code, low_off, high_off in zip(*(column.tolist() for column in columns), strict=True):
            found.setdefault(looked[stream], []).append((window - dtmf.LEAD, code, low_off, high_off))
    for at in wanted:
        listener, heard = streams[at]
        heard += listener.keys(before[at], steps, found.get(at, ()))


def _look_for_steady(
    streams: list[tuple[Listener, list[Heard]]], pieces: NDArray[np.int16], loud: NDArray[np.bool_], steps: int
) -> None:
    wanted = [at for at, (listener, _) in enumerate(streams) if listener.wants_steady]
    if not wanted:
        return
    looked = [at for at in wanted if loud[at]]
    if looked:
        views = bursts.STEADY_BANK.look(pieces[looked, _STEADY_FROM:])
        tones = bursts.steady_windows(views)[:, bursts.LEAD :]
        powers = views.power[:, bursts.LEAD :].tolist()
    silence = np.zeros((steps, 3), dtype=np.bool_)
    none = [0.0] * steps
    for at in wanted:
        listener, heard = streams[at]
        if loud[at]:
            row = looked.index(at)
            heard += listener.steady(tones[row], powers[row])
        else:
            heard += listener.steady(silence, none)


def _look_for_beeps(
    streams: list[tuple[Listener, list[Heard]]], pieces: NDArray[np.int16], loud: NDArray[np.bool_], steps: int
) -> None:
    wanted = [at for at, (listener, _) in enumerate(streams) if listener.wants_beep]
    if not wanted:
        return
    looked = [at for at in wanted if loud[at]]
    if looked:
        views = beep.pure_windows(pieces[looked, _BEEP_FROM:])
        frequencies, powers = views.frequency.tolist(), views.power.tolist()
    none = [0.0] * steps
    for at in wanted:
        listener, heard = streams[at]
        if loud[at]:
            row = looked.index(at)
            heard += listener.beeps(frequencies[row], powers[row])
        else:
            heard += listener.beeps(none, none)
