"""What a switch says by its 450 Hz tone: told by the cadence, after two of its cycles at most, and when it is over.

    dial        on for 2 s
    busy        on 0.35, off 0.35, on 0.35 s (or off, on, off)
    congestion  on 0.7, off 0.7, on 0.7 s (or off, on, off)
    ringback    off 4 s and a whole burst of 1 s beside it

Lengths may differ by 15 % and 25 ms (GB 3380 allows 10 %), bursts by 6 dB; anything else that sounds in a gap, such as
speech or music, breaks the pattern. A burst whose beginning was not heard counts only for the gap after it.
"""

from dataclasses import dataclass
from typing import Final

from telephony.sound.bursts import WINDOW_S, Burst, BurstTracker

DIAL_AFTER_S: Final = 2.0
_BUSY_S: Final = 0.35
_CONGESTION_S: Final = 0.7
_RING_S: Final = 1.0
_RING_GAP_S: Final = 4.0
_TOLERANCE: Final = 0.15
_SLACK_S: Final = 0.025
_SAME_POWER: Final = 4.0
_SPEECH_WINDOWS: Final = 20
"""0.2 s of anything else in a ring-back's silence: somebody (or something) has answered."""


@dataclass(frozen=True, slots=True)
class ToneFound:
    """``tone`` sounds since ``began_s``, in seconds from the beginning of the stream."""

    tone: str
    began_s: float


@dataclass(frozen=True, slots=True)
class ToneOver:
    """``tone``, which was found, ended at about ``ended_s``: it stopped, or something else sounds."""

    tone: str
    ended_s: float


class CadenceFollower:
    """Listens to one stream's 450 Hz. Tells a tone once, and its end once, unless another tone is told in its place."""

    __slots__ = ("_told", "tracker")

    def __init__(self) -> None:
        self.tracker = BurstTracker()
        self._told = ""

    @property
    def idle(self) -> bool:
        """Windows without the tone may be skipped (``tracker.skip``)."""
        return self.tracker.idle and not self._told

    def take(self, *, tone: bool, power: float) -> ToneFound | ToneOver | None:
        """One window; what follows from it."""
        tracker = self.tracker
        changed = tracker.take(tone=tone, power=power)
        last = tracker.bursts[-1] if tracker.bursts else None
        now_s = tracker.window * WINDOW_S
        if self._told:
            other = self._judge(tracker.bursts) if changed and last is not None else None
            return other or self._over(now_s, last)
        if last is None:
            return None
        if last.open:
            if last.length_s > DIAL_AFTER_S:
                return self._tell("dial", last.first * WINDOW_S)
            if not changed:
                return None
        elif not changed:
            if now_s - last.end_s > _longest(_RING_GAP_S):
                tracker.forget()
            return None
        return self._judge(tracker.bursts)

    def _judge(self, bursts: list[Burst]) -> ToneFound | None:
        """A burst has just begun or ended."""
        last = bursts[-1]
        if len(bursts) < 2 or not last.gap_clean:
            return None
        before = bursts[-2]
        alike = last.open or 1 / _SAME_POWER < last.power / before.power < _SAME_POWER
        if not alike:
            return None
        for name, part_s in (("busy", _BUSY_S), ("congestion", _CONGESTION_S)):
            if not _is(last.gap_s, part_s) or not _is(before.length_s, part_s) or not before.begun:
                continue
            if not last.open and _is(last.length_s, part_s):
                return self._tell(name, before.first * WINDOW_S)
            if last.open and len(bursts) > 2 and _is(before.gap_s, part_s) and before.gap_clean:
                return self._tell(name, bursts[-3].first * WINDOW_S)
        if _is(last.gap_s, _RING_GAP_S):
            whole = before.begun and _is(before.length_s, _RING_S)
            if (whole and last.open) or (not last.open and _is(last.length_s, _RING_S)):
                return self._tell("ringback", before.first * WINDOW_S)
        return None

    def _tell(self, name: str, began_s: float) -> ToneFound | None:
        if name == self._told:
            return None
        self._told = name
        return ToneFound(name, round(began_s, 3))

    def _over(self, now_s: float, last: Burst | None) -> ToneOver | None:
        """Whether the tone that was told is over."""
        told, tracker = self._told, self.tracker
        ended_s = last.end_s if last is not None else now_s
        silent_s = now_s - ended_s
        if last is not None and last.open:
            longest = {"busy": _BUSY_S, "congestion": _CONGESTION_S, "ringback": _RING_S}.get(told)
            if longest is None or last.length_s < _longest(longest) + 0.2:
                return None
        elif tracker.strange > _SPEECH_WINDOWS:
            ended_s = now_s - _SPEECH_WINDOWS * WINDOW_S
        else:
            pause_s = {"busy": _BUSY_S, "congestion": _CONGESTION_S, "ringback": _RING_GAP_S}.get(told, 0.1)
            if silent_s < _longest(pause_s) + 0.1:
                return None
        self._told = ""
        if last is None or not last.open:
            tracker.forget()
        return ToneOver(told, round(ended_s, 3))


def _is(length_s: float, nominal_s: float) -> bool:
    return abs(length_s - nominal_s) <= _TOLERANCE * nominal_s + _SLACK_S


def _longest(nominal_s: float) -> float:
    return nominal_s * (1 + _TOLERANCE) + _SLACK_S
