"""Where callers go whom a queue does not serve: steps, tried one after the other until one of them keeps him.

A step is written ``queue:NAME``, ``voicemail:BOX``, ``agent:ID``, ``flow:NAME``, ``number:NUMBER`` (outside, through
the trunk for transfers; ``number:NUMBER@TRUNK`` through that one), ``say:PROMPT``, ``callback`` or ``hangup``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from acd.comfort import Announcer
from ivr.hours import Hours, HoursStatus
from service.routes import Destination, RouteKind, parse_destination

_PROMPT: Final = re.compile(r"[\w][\w.-]{0,62}")
_NUMBER: Final = re.compile(r"(?P<number>\+?[0-9*#]{3,20})(@(?P<trunk>[\w][\w.-]{0,62}))?")
_KEY: Final = re.compile(r"\s*(?P<key>[0-9*#A-D])\s*->\s*(?P<steps>\S.*)")
_TOLD: Final = {HoursStatus.CLOSED: "closed_hours", HoursStatus.HOLIDAY: "holiday"}


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A number outside, called through ``trunk`` ("": the one for transfers)."""

    number: str
    trunk: str = ""


@dataclass(frozen=True, slots=True)
class Say:
    """An announcement, after which the next step comes."""

    prompt: str


@dataclass(frozen=True, slots=True)
class CallBack:
    """The caller is asked whether he wants to be called back, keeping his place in the queue that did not serve him; if
    he does not, the next step comes.
    """


@dataclass(frozen=True, slots=True)
class HangUp:
    """The end: with a goodbye, unless an announcement has just been made."""


Step: TypeAlias = Destination | Elsewhere | Say | CallBack | HangUp


def parse_step(text: str) -> Step:
    """``queue:service`` and the like as a value; ``ValueError`` says how to write one."""
    kind, _, name = text.partition(":")
    if text == "hangup":
        return HangUp()
    if text == "callback":
        return CallBack()
    if kind == "say" and _PROMPT.fullmatch(name):
        return Say(name)
    if kind == "number" and (outside := _NUMBER.fullmatch(name)):
        return Elsewhere(outside["number"], outside["trunk"] or "")
    try:
        return parse_destination(text)
    except ValueError as error:
        raise ValueError(f"{error}, callback, number:NUMBER, number:NUMBER@TRUNK, say:PROMPT, hangup") from None


def parse_key(text: str) -> tuple[str, tuple[Step, ...]]:
    """A key and where it leads, written ``9 -> voicemail:sales``, several steps with commas between; ``ValueError``."""
    found = _KEY.fullmatch(text)
    if found is None:
        raise ValueError(
            f"{text!r} is no key; write a key of the phone and where it leads, such as '9 -> voicemail:sales'"
        )
    return found["key"], tuple(parse_step(step.strip()) for step in found["steps"].split(","))


@dataclass(frozen=True, slots=True)
class QueueWays:
    """Of one queue: the ``hours`` in which it takes callers (None: always), where who comes outside of them is led
    (``closed``; none: he is told, and that is all), and who presses one of ``keys`` while he waits. Who overflows goes
    on with his wait where it ``keeps_wait``. ``announcer`` says what is heard here (None: as everywhere); ``whisper``
    is what an agent is told before he talks with a caller of it ("": nothing).
    """

    hours: Hours | None = None
    closed: tuple[Step, ...] = ()
    keys: Mapping[str, tuple[Step, ...]] = field(default_factory=dict)
    keeps_wait: bool = True
    announcer: Announcer | None = None
    whisper: str = ""

    def status(self, now: float) -> HoursStatus:
        """Whether callers are taken at ``now``, and why not."""
        return HoursStatus.OPEN if self.hours is None else self.hours.status(now)

    def when_closed(self, status: HoursStatus) -> tuple[Step, ...]:
        """Where a caller is led who is not taken."""
        return self.closed or (Say(_TOLD[status]), HangUp())

    def by_key(self, key: str, queue: str) -> tuple[Step, ...]:
        """Where a caller is led who left ``queue`` by ``key``: by itself to the box of that name."""
        return self.keys.get(key) or (Destination(RouteKind.VOICEMAIL, queue),)


ORDINARY: Final = QueueWays()
"""A queue that is always open."""
