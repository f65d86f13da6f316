"""Bursts of one steady tone in a stream: where each begins and ends, how loud it was, and what sounded in between."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.audio import RATE_HZ
from telephony.sound.bank import Bank, Real, Views, drop
from telephony.sound.levels import power_of

PROGRESS_HZ: Final = 450.0
CNG_HZ: Final = 1100.0
CED_HZ: Final = 2100.0
HOP: Final = 80
WINDOW_S: Final = HOP / RATE_HZ
STEADY_BANK: Final = Bank((PROGRESS_HZ, CNG_HZ, CED_HZ), HOP)
LEAD: Final = 1
"""Windows before the first one that is judged: frequencies are measured over one hop, 10 ms."""

_OFF_BY_HZ: Final = np.array([32.0, 45.0, 25.0], dtype=np.float32)
"""GB 3380: 450 ± 25 Hz; T.30: 1100 ± 38 Hz, 2100 ± 15 Hz; and what noise may add."""
_LOOSE_PURITY: Final = 0.2
"""A tone 48 Hz off shows a quarter of its power; what is missing is added once its frequency is known."""
_PURITY: Final = 0.7
_LEAST_POWER: Final = power_of(-38.0)
_QUIET_POWER: Final = power_of(-45.0)
_QUIET_FRACTION: Final = 0.08
"""What is 11 dB or more below the last burst counts as silence between bursts."""
_BRIDGED: Final = 6
"""Windows of a gap that does not end a burst: a lost packet or two, the notches of special dial tones."""
_EDGE: Final = 4
"""Windows at the ends of a gap that show part of a burst."""
_SHORTEST: Final = 4
_SHOWS_LESS_S: Final = 0.011
"""A burst of length L fills L minus 11 ms of window beginnings."""


def steady_windows(views: Views) -> NDArray[np.bool_]:
    """(streams, windows, 3): which of the three tones each window of ``STEADY_BANK`` is, if any. The first is none."""
    values = views.values
    found = np.zeros(values.shape, dtype=np.bool_)
    squares = views.squares()
    likely = (squares > _LOOSE_PURITY * views.power[..., None]) & (squares > _LEAST_POWER)
    likely[:, :LEAD] = False
    stream, window, which = np.nonzero(likely)
    if len(stream):
        off: Real = STEADY_BANK.offsets_hz(
            values[stream, window - LEAD, which], values[stream, window, which], which, LEAD
        )
        whole = squares[stream, window, which] / drop(np.clip(off, -48, 48))
        found[stream, window, which] = (np.abs(off) < _OFF_BY_HZ[which]) & (
            whole > _PURITY * views.power[stream, window]
        )
    return found


@dataclass(slots=True)
class Burst:
    """From window ``first`` to window ``last``. ``open``: it may go on. ``begun``: its beginning was heard.

    ``power`` is the loudest window's. ``gap_s`` was silent before it (or strange: ``gap_clean`` is False) since the
    burst before.
    """

    first: int
    last: int
    power: float
    begun: bool
    gap_s: float = 0.0
    gap_clean: bool = True
    strange_before: int = 0
    open: bool = True

    @property
    def length_s(self) -> float:
        """How long it has sounded so far."""
        return (self.last - self.first + 1) * WINDOW_S + _SHOWS_LESS_S

    @property
    def end_s(self) -> float:
        """When it ended, in seconds from window 0."""
        return self.first * WINDOW_S + self.length_s


class BurstTracker:
    """The newest four bursts of one tone. ``take`` every window in order; ``strange`` counts, since the last burst,
    windows that are neither tone nor silence.
    """

    __slots__ = ("bursts", "strange", "window")

    KEPT: Final = 4

    def __init__(self) -> None:
        self.bursts: list[Burst] = []
        self.strange = 0
        self.window = -1

    @property
    def idle(self) -> bool:
        """Nothing was heard that could matter for what comes."""
        return not self.bursts

    def skip(self, windows: int) -> None:
        """As ``take`` of so many windows without the tone, where ``idle``."""
        self.window += windows

    def forget(self) -> None:
        """As if no burst had been heard."""
        self.bursts.clear()
        self.strange = 0

    def take(self, *, tone: bool, power: float) -> bool:
        """One window; True where a burst began or ended with it."""
        self.window += 1
        window = self.window
        last = self.bursts[-1] if self.bursts else None
        changed = False
        if tone:
            if last is not None and last.open:
                last.last = window
                last.power = max(last.power, power)
            else:
                self._begin(last, power)
                changed = True
            self.strange = 0
        elif last is not None:
            if power > max(_QUIET_POWER, _QUIET_FRACTION * last.power) and window > last.last + _EDGE // 2:
                self.strange += 1
            if last.open and window - last.last > _BRIDGED:
                last.open = False
                changed = True
                if last.last - last.first + 1 < _SHORTEST:  # no burst, but a strange sound in the gap
                    self.bursts.pop()
                    self.strange += last.strange_before + last.last - last.first + 1
        return changed

    def _begin(self, last: Burst | None, power: float) -> None:
        burst = Burst(self.window, self.window, power, begun=self.window > _EDGE)
        if last is not None:
            burst.gap_s = burst.first * WINDOW_S - last.end_s
            burst.gap_clean = self.strange <= _EDGE
            burst.strange_before = self.strange
        self.bursts.append(burst)
        del self.bursts[: -self.KEPT]
