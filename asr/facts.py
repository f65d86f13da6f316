"""What can become true of transcripts."""

from dataclasses import dataclass

from core.events import Fact, fact


@fact("transcript.ready")
@dataclass(frozen=True, slots=True)
class TranscriptReady(Fact):
    """Both channels of ``recording`` are transcribed and kept; ``characters`` in all; ``took_s`` of recogniser time."""

    recording: str
    engine: str
    characters: int
    took_s: float


@fact("transcript.failed")
@dataclass(frozen=True, slots=True)
class TranscriptFailed(Fact):
    """No transcript of ``recording``: ``why`` in words for people; ``final`` where it will not be tried again."""

    recording: str
    why: str
    final: bool
