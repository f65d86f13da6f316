"""Finds utterances in a row of speech probabilities: where somebody begins to speak and where they have finished.

Pure: it counts frames (``asr.vad.FRAME_S`` each) and knows nothing of audio or time. Two thresholds (hysteresis) keep a
soft syllable from ending an utterance; a click of less than ``start_frames`` does not begin one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from asr.vad import FRAME_S


@dataclass(frozen=True, slots=True)
class Rules:
    """When an utterance begins and ends; probabilities 0 to 1, the rest in frames."""

    speech: float = 0.5
    silence: float = 0.35
    start_frames: int = 3
    """Frames of speech among the last five that begin an utterance (about 0.1 s)."""
    end_frames: int = round(0.7 / FRAME_S)
    """Frames of silence that end it."""
    pause_frames: int | None = None
    """Frames of silence after which it may have ended: somebody in a hurry can begin to work on it."""


LIVE: Final = Rules(pause_frames=round(0.2 / FRAME_S))
RECORDED: Final = Rules(end_frames=round(0.6 / FRAME_S))
_RECENT: Final = 5


class Edge(Enum):
    """What a frame decided."""

    BEGAN = auto()
    PAUSED = auto()
    RESUMED = auto()
    ENDED = auto()


class SpeechGate:
    """Follows one stream, frame by frame."""

    __slots__ = ("_frame", "_paused", "_recent", "_rules", "began_at", "last_voiced", "speaking")

    def __init__(self, rules: Rules = LIVE) -> None:
        self._rules = rules
        self._frame = 0
        self._recent: list[bool] = []
        self._paused = False
        self.speaking = False
        self.began_at = 0
        """First frame of the utterance (valid once one began)."""
        self.last_voiced = 0
        """Last frame that still was speech."""

    @property
    def perhaps_starting(self) -> bool:
        """Whether the last frame was speech although no utterance has begun yet."""
        return not self.speaking and bool(self._recent) and self._recent[-1]

    def accept(self, probability: float) -> Edge | None:
        """Take the next frame; what it decided, if anything."""
        frame = self._frame
        self._frame += 1
        if self.speaking:
            return self._while_speaking(frame, probability)
        self._recent = [*self._recent[-(_RECENT - 1) :], probability >= self._rules.speech]
        if sum(self._recent) < self._rules.start_frames:
            return None
        self.speaking = True
        self.began_at = frame - len(self._recent) + 1 + self._recent.index(True)
        self.last_voiced = frame
        self._paused = False
        return Edge.BEGAN

    def _while_speaking(self, frame: int, probability: float) -> Edge | None:
        if probability >= self._rules.silence:
            self.last_voiced = frame
            paused, self._paused = self._paused, False
            return Edge.RESUMED if paused else None
        silent_frames = frame - self.last_voiced
        if silent_frames >= self._rules.end_frames:
            self.speaking = False
            self._recent.clear()
            return Edge.ENDED
        if silent_frames == self._rules.pause_frames:
            self._paused = True
            return Edge.PAUSED
        return None


@dataclass(frozen=True, slots=True)
class Span:
    """Frames ``first`` to ``last`` (both included) belong to one utterance."""

    first: int
    last: int


def find_spans(
    probabilities: Sequence[float], *, rules: Rules = RECORDED, longest: int = round(25 / FRAME_S)
) -> list[Span]:
    """The utterances of a whole recording; one longer than ``longest`` frames is cut where speech is weakest."""
    gate = SpeechGate(rules)
    spans: list[Span] = []
    for probability in probabilities:
        if gate.accept(probability) is Edge.ENDED:
            spans.append(Span(gate.began_at, gate.last_voiced))
    if gate.speaking:
        spans.append(Span(gate.began_at, gate.last_voiced))
    return [piece for span in spans for piece in _cut(span, probabilities, longest)]


def _cut(span: Span, probabilities: Sequence[float], longest: int) -> list[Span]:
    pieces: list[Span] = []
    first = span.first
    while span.last - first + 1 > longest:
        window = range(first + longest // 2, first + longest)
        weakest = min(window, key=lambda frame: probabilities[frame])
        pieces.append(Span(first, weakest))
        first = weakest + 1
    return [*pieces, Span(first, span.last)]
