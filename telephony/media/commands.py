"""The commands of the media port as plain values: what the wire carries, the engine does and the double writes down.

One class per method of ``MediaPort``; the port's docstrings say what each one means.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias

from core.tap_target import TapTarget
from telephony.media.port import Stream, Tone

_TONE: Final = "tone:"


def named_sound(sound: Path | Tone) -> str:
    """``sound`` as a command names it: its path (absolute, where it goes to a worker), or ``tone:`` and its name."""
    return _TONE + sound.name if isinstance(sound, Tone) else str(sound)


def tone_named(sound: str) -> str:
    """The name of the tone that ``sound`` of a command names; "" where it is a path."""
    return sound.removeprefix(_TONE) if sound.startswith(_TONE) else ""


@dataclass(frozen=True, slots=True)
class Open:
    """``MediaPort.open``; answered by an ``Address``."""

    leg: str
    near: str = ""


@dataclass(frozen=True, slots=True)
class Update:
    """``MediaPort.update``."""

    leg: str
    stream: Stream


@dataclass(frozen=True, slots=True)
class Play:
    """``MediaPort.play``; each of ``sounds`` as ``named_sound`` writes it."""

    leg: str
    play: str
    sounds: tuple[str, ...]
    loop: bool = False
    over: bool = False

    @property
    def clips(self) -> tuple[str, ...]:
        """Those of the sounds that are files."""
        return tuple(sound for sound in self.sounds if not tone_named(sound))


@dataclass(frozen=True, slots=True)
class Stop:
    """``MediaPort.stop``."""

    leg: str


@dataclass(frozen=True, slots=True)
class Hear:
    """``MediaPort.hear``; ``sources`` maps legs to gains in dB."""

    leg: str
    sources: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Level:
    """``MediaPort.level``."""

    leg: str
    gain_db: float = 0.0
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class Bridge:
    """``MediaPort.bridge``."""

    left: str
    right: str


@dataclass(frozen=True, slots=True)
class Unbridge:
    """``MediaPort.unbridge``."""

    leg: str


@dataclass(frozen=True, slots=True)
class Listen:
    """``MediaPort.listen``; the tones in alphabetical order."""

    leg: str
    tones: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """``MediaPort.record``; ``path`` as text."""

    recording: str
    path: str
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class PauseRecord:
    """``MediaPort.pause_record``."""

    recording: str


@dataclass(frozen=True, slots=True)
class ResumeRecord:
    """``MediaPort.resume_record``."""

    recording: str


@dataclass(frozen=True, slots=True)
class SwitchRecord:
    """``MediaPort.switch_record``."""

    recording: str
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class StopRecord:
    """``MediaPort.stop_record``."""

    recording: str


@dataclass(frozen=True, slots=True)
class Tap:
    """``MediaPort.tap``."""

    leg: str
    target: TapTarget


@dataclass(frozen=True, slots=True)
class Untap:
    """``MediaPort.untap``."""

    leg: str


@dataclass(frozen=True, slots=True)
class SendDigits:
    """``MediaPort.send_digits``."""

    leg: str
    digits: str


@dataclass(frozen=True, slots=True)
class Close:
    """``MediaPort.close``; answered by ``LegStats``."""

    leg: str


@dataclass(frozen=True, slots=True)
class Ping:
    """Nothing but an answer is wanted, which a worker that hangs does not give."""


Command: TypeAlias = (
    Open
    | Update
    | Play
    | Stop
    | Hear
    | Level
    | Bridge
    | Unbridge
    | Listen
    | Record
    | PauseRecord
    | ResumeRecord
    | SwitchRecord
    | StopRecord
    | Tap
    | Untap
    | SendDigits
    | Close
    | Ping
)
