"""The commands of the media port as plain values: what the wire carries, the engine does and the double writes down.

One class per method of ``MediaPort``; the port's docstrings say what each one means.
"""

from dataclasses import dataclass
from typing import TypeAlias

from core.tap import TapTarget
from telephony.media.port import Stream


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
    """``MediaPort.play``; ``clips`` are paths as text."""

    leg: str
    play: str
    clips: tuple[str, ...]
    loop: bool = False


@dataclass(frozen=True, slots=True)
class Stop:
    """``MediaPort.stop``."""

    leg: str


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
class Record:
    """``MediaPort.record``; ``path`` as text."""

    recording: str
    path: str
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


Command: TypeAlias = (
    Open | Update | Play | Stop | Bridge | Unbridge | Record | StopRecord | Tap | Untap | SendDigits | Close
)
