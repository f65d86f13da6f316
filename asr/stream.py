"""One tap being listened to: datagrams in, "somebody speaks", their audio and "they have finished" out.

No I/O: the worker hands datagrams and the time in. Lost datagrams become silence, so that the clock of the utterance
never stops; late and doubled ones are dropped. A tap that falls silent altogether (a peer that sends nothing while
nobody speaks) is filled up by ``on_time``.
"""

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np

from asr.utterance import LIVE, Edge, SpeechGate
from asr.vad import FRAME_S, FRAME_SAMPLES, VoiceActivity
from core.audio import RATE_HZ, Pcm
from core.tap import TapFrame

_PRE_ROLL_FRAMES: Final = round(0.3 / FRAME_S)
"""Audio kept from before the first frame of speech: soft consonants begin earlier than the detector sees them."""
_MAX_GAP: Final = 2 * RATE_HZ
"""Samples of silence that one gap may add."""
_LATE_S: Final = 0.6
"""Nothing for so long is no jitter, nor a busy machine: the tap has stopped sending."""
NO_AUDIO_S: Final = 120.0
"""A tap without a single datagram for so long is given up."""


@dataclass(frozen=True, slots=True)
class SpeechBegan:
    """Somebody speaks; their audio follows."""


@dataclass(frozen=True, slots=True)
class Speech:
    """The next samples of the utterance."""

    audio: Pcm


@dataclass(frozen=True, slots=True)
class SpeechPaused:
    """Silence that may be the end of the utterance, or a breath: ``SpeechOver`` or ``SpeechResumed`` follows."""


@dataclass(frozen=True, slots=True)
class SpeechResumed:
    """It was a breath."""


@dataclass(frozen=True, slots=True)
class SpeechOver:
    """The utterance is complete. The stream is done."""


@dataclass(frozen=True, slots=True)
class GaveUp:
    """Nobody spoke; ``why`` is silence or unavailable (no audio came at all). The stream is done."""

    why: str


StreamEvent: TypeAlias = SpeechBegan | Speech | SpeechPaused | SpeechResumed | SpeechOver | GaveUp


class LiveStream:
    """Follows one tap until its first utterance is over."""

    def __init__(self, now: float, *, no_speech_s: float, max_s: float) -> None:
        self._no_speech_frames = round(no_speech_s / FRAME_S) if no_speech_s > 0 else None
        self._max_frames = max(1, round(max_s / FRAME_S))
        self._voice = VoiceActivity()
        self._gate = SpeechGate(LIVE)
        self._frames = 0
        self._pending: Pcm = np.zeros(0, dtype=np.int16)
        self._before: list[Pcm] = []
        self._expected: int | None = None
        self._filled = 0
        self._last_at = now
        self._sequence = 0  # of the datagram that comes next
        self.lost = 0
        """Datagrams that never came, or so late that they were of no use."""
        self.done = False

    def accept(self, frame: TapFrame, now: float) -> list[StreamEvent]:
        """Take a datagram that came at ``now``; what follows from it, in order."""
        if self.done:
            return []
        self._last_at = now
        self.lost += max(0, frame.sequence - self._sequence)
        self._sequence = max(self._sequence, frame.sequence + 1)
        if not frame.samples.size:
            return self._ended()
        gap = 0
        if self._expected is not None:
            gap = frame.position - self._expected
            if gap < 0:
                return []
        silence = min(max(0, gap - self._filled), _MAX_GAP)
        self._filled = 0
        self._expected = frame.position + frame.samples.size
        samples = np.concatenate((np.zeros(silence, dtype=np.int16), frame.samples)) if silence else frame.samples
        return self._feed(samples)

    def on_time(self, now: float) -> list[StreamEvent]:
        """Call a few times a second: fills up a tap that has stopped sending, gives up one that never began."""
        if self.done:
            return []
        away_s = now - self._last_at
        if self._expected is None:
            if away_s >= NO_AUDIO_S:
                self.done = True
                return [GaveUp("unavailable")]
            return []
        missing = int(away_s * RATE_HZ) - self._filled
        if away_s < _LATE_S or missing <= 0:
            return []
        missing = min(missing, _MAX_GAP)
        self._filled += missing
        return self._feed(np.zeros(missing, dtype=np.int16))

    def _ended(self) -> list[StreamEvent]:
        self.done = True
        if not self._gate.speaking:
            return [GaveUp("silence")]
        return [Speech(self._pending), SpeechOver()] if self._pending.size else [SpeechOver()]

    def _feed(self, samples: Pcm) -> list[StreamEvent]:
        events: list[StreamEvent] = []
        self._pending = np.concatenate((self._pending, samples))
        for probability in self._voice.accept(samples):
            audio, self._pending = self._pending[:FRAME_SAMPLES], self._pending[FRAME_SAMPLES:]
            events += self._frame(audio, probability)
            if self.done:
                break
        return events

    def _frame(self, audio: Pcm, probability: float) -> list[StreamEvent]:
        self._frames += 1
        edge = self._gate.accept(probability)
        if edge is Edge.BEGAN:
            start = np.concatenate((*self._before, audio))
            self._before.clear()
            return [SpeechBegan(), Speech(start)]
        if edge is Edge.ENDED:
            self.done = True
            return [SpeechOver()]
        if self._gate.speaking:
            return self._more(audio, edge)
        self._before = [*self._before[-_PRE_ROLL_FRAMES:], audio]
        if self._no_speech_frames is not None and self._frames >= self._no_speech_frames and not self._starting():
            self.done = True
            return [GaveUp("silence")]
        return []

    def _more(self, audio: Pcm, edge: Edge | None) -> list[StreamEvent]:
        events: list[StreamEvent] = [Speech(audio)]
        if edge is Edge.RESUMED:
            events.insert(0, SpeechResumed())
        elif edge is Edge.PAUSED:
            events.append(SpeechPaused())
        if self._frames - self._gate.began_at >= self._max_frames:
            self.done = True
            events.append(SpeechOver())
        return events

    def _starting(self) -> bool:
        """Whether the last frame might be the first of speech: do not give up in that very moment."""
        return (
            self._gate.perhaps_starting
            and self._no_speech_frames is not None
            and (self._frames < self._no_speech_frames + 10)
        )
