"""What a waiting caller hears, and when: the port to the prompts, and the plan of announcements."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, inf
from pathlib import Path
from typing import Final, Protocol

from acd.estimate import Estimate
from acd.facts import WaitTold
from acd.queues import QueueRules

_UNKNOWN: Final = -1.0
_MINUTE_S: Final = 60.0
OFFER_CALLBACK_EVERY_S: Final = 90.0
"""A caller who may be called back is told so with the first announcement, and then at most so often."""


class Announcer(Protocol):
    """Turns what is to be said into clips (8 kHz mono WAV); an empty sequence means that nothing is said."""

    def music(self) -> Sequence[Path]:
        """What is played, over and over, between announcements."""
        ...

    def place(self, ahead: int) -> Sequence[Path]:
        """There are ``ahead`` callers before you (0: you are next)."""
        ...

    def wait(self, seconds: float) -> Sequence[Path]:
        """You will wait about ``seconds``; from a minute on it may be said in whole minutes, rounded up."""
        ...

    def please_hold(self) -> Sequence[Path]:
        """All agents are busy, please hold: on entering where nobody is free, and when nothing else is told."""
        ...

    def message(self, number: int) -> Sequence[Path]:
        """What else the house wants to say, with the announcement ``number`` after the first (counted from 0)."""
        ...

    def connecting(self) -> Sequence[Path]:
        """You are being put through: on entering a queue in which an agent is rung at once."""
        ...

    def callback(self) -> Sequence[Path]:
        """You may be called back without losing your place, by this key."""
        ...


@dataclass(frozen=True, slots=True)
class Announcement:
    """``clips`` to play now; ``told`` is what the log must keep of it, if a place or a wait is named."""

    clips: tuple[Path, ...]
    told: WaitTold | None


class ComfortPlan:
    """When one caller hears which announcement: at the start, at every interval, and sooner where his place changed."""

    __slots__ = (
        "_ahead", "_announcer", "_callback", "_entry", "_further", "_looked_at", "_offer_again_at", "_offers", "_rules",
        "_said_at",
    )  # fmt: skip

    def __init__(self, entry: str, rules: QueueRules, announcer: Announcer, *, callback: bool = False) -> None:
        self._callback = callback
        self._offers = False
        self._offer_again_at = self._looked_at = 0.0
        self._entry = entry
        self._rules = rules
        self._announcer = announcer
        self._said_at: float | None = None
        self._ahead = -1
        self._further = 0

    def next_look(self, now: float) -> float:
        """When to ask ``due`` again."""
        return now if self._said_at is None else max(now, self._said_at) + self._rules.announce_gap_s

    def due(self, ahead: int, now: float, *, ringing: bool) -> bool:
        """Whether something is to be said to a caller with ``ahead`` others before him."""
        self._looked_at = now
        if self._said_at is None:
            return True
        if ringing:
            return False
        silent_s = now - self._said_at
        if silent_s >= self._rules.announce_interval_s:
            return True
        return self._rules.announce_place and ahead != self._ahead and silent_s >= self._rules.announce_gap_s

    def announce(self, ahead: int, estimate: Estimate | None, *, ringing: bool, left_s: float = inf) -> Announcement:
        """What to say. While an agent's phone rings for him (``ringing``) the caller is not told that he must wait; nor
        is he ever told a wait, as it is said, longer than the ``left_s`` for which he may.
        """
        clips: list[Path] = []
        if self._said_at is None:
            clips.extend(self._announcer.connecting() if ringing else self._announcer.please_hold())
        named: list[Path] = []
        placed = self._rules.announce_place and not ringing
        if placed:
            named.extend(self._announcer.place(ahead))
        told_wait = estimate if self._rules.announce_wait and not ringing else None
        if told_wait is not None and _as_said(told_wait.wait_s) > left_s:
            told_wait = None
        if told_wait is not None:
            named.extend(self._announcer.wait(told_wait.wait_s))
        told: WaitTold | None = None
        if named:
            told = WaitTold(
                entry=self._entry,
                queue=self._rules.name,
                ahead=ahead if placed else -1,
                wait_s=told_wait.wait_s if told_wait else _UNKNOWN,
                low_s=told_wait.low_s if told_wait else _UNKNOWN,
                high_s=told_wait.high_s if told_wait else _UNKNOWN,
            )
        message: Sequence[Path] = ()
        if self._said_at is not None:
            message = self._announcer.message(self._further)
            self._further += 1
        if not (named or clips or message):
            clips.extend(self._announcer.please_hold())
        self._ahead = ahead if placed else -1
        return Announcement((*clips, *named, *message, *self._offer(ringing)), told)

    @property
    def offers(self) -> bool:
        """Whether the last announcement told him that he may be called back."""
        return self._offers

    def _offer(self, ringing: bool) -> Sequence[Path]:
        lately = self._said_at is not None and self._looked_at < self._offer_again_at
        self._offers = self._callback and not ringing and not lately
        return self._announcer.callback() if self._offers else ()

    def said(self, now: float) -> None:
        """The announcement is over, or there was nothing to say."""
        self._said_at = now
        if self._offers:
            self._offer_again_at = now + OFFER_CALLBACK_EVERY_S


def _as_said(wait_s: float) -> float:
    """The longest wait that whoever hears ``wait_s`` may understand."""
    return wait_s if wait_s < _MINUTE_S else ceil(wait_s / _MINUTE_S) * _MINUTE_S
