"""What becomes known of a call that we made while nobody can tell yet what answers. Times by one clock, in seconds."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class EarlyMedia:
    """The network sends sound before the answer."""

    at_s: float


@dataclass(frozen=True, slots=True)
class Answered:
    """The call was answered."""

    at_s: float


@dataclass(frozen=True, slots=True)
class SpeechBegins:
    """Somebody, or something, begins to speak."""

    at_s: float


@dataclass(frozen=True, slots=True)
class WordsHeard:
    """What has been said since speech began. ``over``: and then there was silence, the text will not change any more
    ("": it was no speech).
    """

    at_s: float
    text: str
    over: bool


@dataclass(frozen=True, slots=True)
class ToneSounds:
    """A tone by the names of the media port: ringback, busy, congestion, dial, beep, cng, ced."""

    at_s: float
    tone: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The call was refused with SIP ``status`` and, where one was given, a ``cause`` of Q.850."""

    at_s: float
    status: int
    cause: int | None = None


@dataclass(frozen=True, slots=True)
class TimePasses:
    """It is ``at_s`` now."""

    at_s: float


Evidence: TypeAlias = EarlyMedia | Answered | SpeechBegins | WordsHeard | ToneSounds | Refused | TimePasses
