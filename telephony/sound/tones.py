"""The tones that a switch gives, as China defines them, and those of answering machines and fax machines.

Source: GB 3380-1982 (电话自动交换网铃流和信号音): 450 ± 25 Hz at -10 ± 3 dBm0, cadences within ± 10 %; the same
frequencies and cadences are China's entry in ITU-T E.180 Supplement 2. Fax: ITU-T T.30 section 4 (CNG 1100 ± 38 Hz,
0.5 s on, 3 s off; CED 2100 ± 15 Hz, 2.6 to 4.0 s), V.25 (phase reversals each 450 ± 25 ms). No standard says how an
answering machine beeps.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.audio import RATE_HZ, Pcm
from telephony.sound.levels import peak_of

EDGE_S: Final = 0.004
"""Each burst rises and falls this long (half a cosine): no click, and short against the shortest burst (0.1 s)."""


@dataclass(frozen=True, slots=True)
class SwitchTone:
    """One sine in a cadence. ``cadence_s``: seconds on, off, on, off …; an empty one is continuous.

    ``lasts_s`` is the length of the whole tone, None where it goes on until someone stops it.
    ``reversal_s``: the phase is turned round this often while the tone is on (0: never).
    """

    name: str
    frequency_hz: float
    cadence_s: tuple[float, ...] = ()
    level_dbm0: float = -10.0
    lasts_s: float | None = None
    reversal_s: float = 0.0

    def samples(self, start: int, count: int) -> Pcm:
        """``count`` samples from ``start`` samples after the beginning; silence beyond its end."""
        at = np.arange(start, start + count, dtype=np.int64)
        wave = np.sin(2.0 * np.pi * self.frequency_hz / RATE_HZ * (at % RATE_HZ if self._whole_hz else at))
        if self.reversal_s:
            wave *= 1.0 - 2.0 * ((at // round(self.reversal_s * RATE_HZ)) % 2)
        samples: Pcm = np.rint(peak_of(self.level_dbm0) * self._envelope(at) * wave).astype(np.int16)
        return samples

    @property
    def length(self) -> int | None:
        """Samples of the whole tone; None: endless."""
        return None if self.lasts_s is None else round(self.lasts_s * RATE_HZ)

    @property
    def period(self) -> int:
        """Samples after which an endless tone repeats itself exactly."""
        return round(sum(self.cadence_s) * RATE_HZ) if self.cadence_s else RATE_HZ

    def whole(self) -> Pcm:
        """All of it, or one ``period`` that can be repeated for ever."""
        if self.length is not None:
            return self.samples(0, self.length)
        return self.samples(self.period, self.period)  # not the first one, which fades in

    @property
    def _whole_hz(self) -> bool:
        return float(self.frequency_hz).is_integer()

    def _envelope(self, at: NDArray[np.int64]) -> NDArray[np.float64]:
        """1 while a burst is on, 0 while it is off, a smooth way between."""
        length = self.length
        if self.cadence_s:
            edges = np.cumsum([0, *(round(part * RATE_HZ) for part in self.cadence_s)])
            place = at % edges[-1]
            gain = np.zeros(len(at))
            for begin, end in zip(edges[:-1:2], edges[1::2], strict=False):
                gain += _burst(place - begin, end - place)
        else:
            gain = _burst(at, (at * 0 + 2 * RATE_HZ) if length is None else length - at)
        return gain if length is None else gain * ((at >= 0) & (at < length))


def _burst(since: NDArray[np.int64], left: NDArray[np.int64]) -> NDArray[np.float64]:
    """Gain ``since`` samples after the begin and ``left`` samples before the end of a burst."""
    edge = EDGE_S * RATE_HZ
    inside = np.clip(np.minimum(since, left) / edge, 0.0, 1.0)
    return np.asarray(0.5 - 0.5 * np.cos(np.pi * inside))


_VACANT: Final = (0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.4, 0.4)

TONES: Final[Mapping[str, SwitchTone]] = MappingProxyType(
    {
        tone.name: tone
        for tone in (
            SwitchTone("dial", 450),  # 拨号音
            SwitchTone("ringback", 450, (1.0, 4.0)),  # 回铃音
            SwitchTone("busy", 450, (0.35, 0.35)),  # 忙音
            SwitchTone("congestion", 450, (0.7, 0.7)),  # 拥塞音
            SwitchTone("vacant", 450, _VACANT),  # 空号音
            SwitchTone("beep", 1000, lasts_s=0.4),
            SwitchTone("cng", 1100, (0.5, 3.0)),
            SwitchTone("ced", 2100, lasts_s=3.3),
            SwitchTone("ced_reversed", 2100, lasts_s=3.3, reversal_s=0.45),
        )
    }
)
"""Every tone that is made here, by name."""
PLAYED: Final = ("ringback", "busy", "congestion", "dial", "beep")
"""Those that the media port offers to play."""
