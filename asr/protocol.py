"""One protocol for every recogniser: give it audio, get words with times.

``Engine`` and ``Recogniser`` live in recogniser worker processes. The rooms above use ``Ears`` (a live utterance on a
call) and ``Transcriber`` (a finished recording).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeAlias

from core.audio import Pcm
from core.tap_target import TapTarget


@dataclass(frozen=True, slots=True)
class Word:
    """A word (Chinese: one or more characters) from ``start_s`` to ``end_s`` of the audio; 0 ≤ ``confidence`` ≤ 1."""

    text: str
    start_s: float
    end_s: float
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class Partial:
    """What it sounds like so far; may change."""

    text: str


@dataclass(frozen=True, slots=True)
class Final:
    """An utterance that will not change any more."""

    text: str
    words: tuple[Word, ...]


Hypothesis: TypeAlias = Partial | Final


class Recogniser(Protocol):
    """One stream of audio being recognised."""

    def accept(self, audio: Pcm) -> Sequence[Hypothesis]:
        """Take the next samples (int16, 8 kHz, mono); hypotheses that became known, oldest first."""
        ...

    def finish(self) -> Sequence[Hypothesis]:
        """The audio is over; the rest of the hypotheses. The recogniser is not used again."""
        ...


class Engine(Protocol):
    """A loaded model that makes recognisers."""

    @property
    def name(self) -> str:
        """Engine and model, e.g. ``faster-whisper/whisper-base``."""
        ...

    @property
    def streaming(self) -> bool:
        """True: the work is done while audio comes. False: ``finish`` does all of it, so that it pays to begin early,
        on a recogniser of its own, when an utterance seems to be over.
        """
        ...

    def recogniser(self, phrases: Sequence[str] = ()) -> Recogniser:
        """A recogniser for one stream; ``phrases`` it should expect, where the engine can use them."""
        ...


@dataclass(frozen=True, slots=True)
class Segment:
    """Something said without a longer pause, on one channel: ``speaker`` is caller, customer, agent or system."""

    speaker: str
    start_s: float
    end_s: float
    text: str
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said on a recording, in time order."""

    engine: str
    duration_s: float
    segments: tuple[Segment, ...]
    took_s: float


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """The far end has begun to speak (time to stop the prompt)."""


@dataclass(frozen=True, slots=True)
class SoundsLike:
    """What it sounds like so far; may change."""

    text: str


@dataclass(frozen=True, slots=True)
class Heard:
    """The utterance is over and this is what was said ("" where only noise was heard)."""

    text: str
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class NothingHeard:
    """Nobody spoke within the time given, or the recogniser is away; ``why`` is silence or unavailable."""

    why: str = "silence"


Hearing: TypeAlias = SpeechStarted | Heard | NothingHeard


class Listening(Protocol):
    """One utterance being waited for. Closing twice is no error."""

    @property
    def tap(self) -> TapTarget:
        """Where the leg's tap must send its audio."""
        ...

    async def next(self) -> Hearing:
        """What happens next: ``SpeechStarted`` at most once, then ``Heard`` or ``NothingHeard``, then no more."""
        ...

    async def close(self) -> None:
        """Stop listening and free the stream."""
        ...


class Ears(Protocol):
    """Live recognition for calls."""

    async def listen(self, phrases: Sequence[str], *, no_speech_s: float, max_s: float) -> Listening:
        """Wait for one utterance: give up after ``no_speech_s`` of silence counted from ``Listening.tap``'s first audio
        (0: never), cut it after ``max_s``. Raises ``Unavailable`` when there is no recogniser at all.
        """
        ...


class Following(Listening, Protocol):
    """One utterance being followed."""

    async def next_said(self) -> Hearing | SoundsLike:
        """As ``next``, which passes over them, with ``SoundsLike`` as often as there is news."""
        ...


class FollowingEars(Protocol):
    """Live recognition that tells what was said while somebody still speaks."""

    async def follow(self, phrases: Sequence[str], *, every_s: float, no_speech_s: float, max_s: float) -> Following:
        """As ``Ears.listen``; about every ``every_s`` of speech, and where the speaker pauses, also what it sounds like
        so far, as far as the recogniser has time for it.
        """
        ...


class Transcriber(Protocol):
    """Recordings to text."""

    async def transcribe(self, path: Path, speakers: tuple[str, str]) -> Transcript:
        """Both channels of a stereo WAV; ``speakers`` names channels 0 and 1. ``Unavailable``: no worker for it."""
        ...
