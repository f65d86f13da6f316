"""Which numbers outside may be called, and how often: what a phone or password that was taken over can cost. Pure.

Decided for every call that goes out by a trunk, whoever asks for it. In the country everybody may be called; other
countries and premium numbers only where the configuration names them, and then a bounded number of times an hour.
"""

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from core.errors import NotAllowed
from core.events import Fact
from core.number_kinds import NumberKind, Placed, place
from core.numbers import mask, national
from telephony.incidents import Incidents
from telephony.security_facts import OutsideCallRefused
from telephony.sip.recent import Recent

_log: Final = logging.getLogger("line400.telephony")
HOUR_S: Final = 3600.0
MAX_KEPT: Final = 1000
"""So many callers and prefixes are counted; agents, accounts and entries of the configuration are fewer."""
MAX_COUNTED: Final = 10_000
"""The highest cap that can be counted."""
_USUAL: Final = frozenset(
    {
        NumberKind.EMERGENCY,
        NumberKind.SERVICE,
        NumberKind.SHORT,
        NumberKind.LOCAL,
        NumberKind.FIXED,
        NumberKind.MOBILE,
    }
)
"""May be called unless the configuration refuses them."""


class Why(StrEnum):
    """Why a number may not be called (now)."""

    LISTED = "listed"
    ABROAD = "abroad"
    PREMIUM = "premium"
    UNKNOWN = "unknown"
    AGENT_HOUR = "agent_hour"
    PREFIX_HOUR = "prefix_hour"


_WORDS: Final = {
    Why.LISTED: "the configuration refuses it ([dialling] refused)",
    Why.ABROAD: "it is abroad, and [dialling] allowed does not name its country",
    Why.PREMIUM: "it is a premium number, and [dialling] allowed does not name it",
    Why.UNKNOWN: "it is no number of the numbering plan, and [dialling] allowed does not name it",
    Why.AGENT_HOUR: "this person has made too many calls outside in the last hour ([dialling] agent_calls_per_hour)",
    Why.PREFIX_HOUR: "numbers like it have been called too often in the last hour ([dialling] prefix_calls_per_hour)",
}
_BY_KIND: Final = {NumberKind.ABROAD: Why.ABROAD, NumberKind.PREMIUM: Why.PREMIUM}


@dataclass(frozen=True, slots=True)
class TollRules:
    """Prefixes that are ``allowed`` besides the usual ones and those that are ``refused``: +E.164, or as dialled in the
    country; the longest that fits decides, of two alike the refusal. Caps of 0 are no caps.
    """

    allowed: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    agent_calls_per_hour: int = 60
    prefix_calls_per_hour: int = 30


@dataclass(frozen=True, slots=True)
class Judged:
    """``number`` as it is to be dialled. ``why`` not, where it may not be called; ``entry`` is the prefix of the
    configuration by which it may though it is none of the usual ones.
    """

    number: str
    kind: NumberKind
    why: Why | None = None
    entry: str = ""

    @property
    def words(self) -> str:
        """Why not, for people."""
        return _WORDS[self.why] if self.why is not None else ""


def judge(number: str, rules: TollRules) -> Judged:
    """Whether ``number`` may be called at all. Emergency numbers always may."""
    placed = place(number)
    if placed.kind is NumberKind.EMERGENCY:
        return Judged(placed.number, placed.kind)
    refused, allowed = _longest(placed, rules.refused), _longest(placed, rules.allowed)
    if refused and len(_canonical(refused)) >= len(_canonical(allowed)):
        return Judged(placed.number, placed.kind, Why.LISTED)
    if placed.kind in _USUAL:
        return Judged(placed.number, placed.kind)
    if allowed and not (placed.kind is NumberKind.PREMIUM and _whole_country(allowed, placed)):
        return Judged(placed.number, placed.kind, entry=allowed)
    return Judged(placed.number, placed.kind, _BY_KIND.get(placed.kind, Why.UNKNOWN))


def _longest(placed: Placed, entries: tuple[str, ...]) -> str:
    """The longest of ``entries`` that the number begins with, in either of its forms; "" for none."""
    forms = (placed.number, national(placed.number))
    fitting = [entry for entry in entries if any(form.startswith(_canonical(entry)) for form in forms)]
    return max(fitting, key=lambda entry: len(_canonical(entry)), default="")


def _canonical(entry: str) -> str:
    return f"+{entry[2:]}" if entry.startswith("00") else entry


def _whole_country(entry: str, placed: Placed) -> bool:
    """Whether ``entry`` means a country (or more of them): that allows its people to be called, not its hot lines."""
    return len(_canonical(entry)) <= len(f"+{placed.country}") and _canonical(entry).startswith("+")


class Tolls:
    """Judges and counts. ``now`` is the clock; ``post`` takes what is to be in the log, with the call's id."""

    def __init__(
        self,
        now: Callable[[], float],
        rules: TollRules | None = None,
        post: Callable[[str, Fact], None] = lambda call_id, fact: None,
    ) -> None:
        self.rules = rules or TollRules()
        """May be changed while it works; what was counted stays."""
        self._now = now
        self._post = post
        self._incidents = Incidents()
        self._calls: Recent[str, deque[float]] = Recent(MAX_KEPT)

    def check(self, number: str, call_id: str, by: str) -> Judged:
        """``NotAllowed`` where ``by`` (an agent or account; "": a campaign) may not call ``number`` for that call now;
        that is in the log.
        """
        judged = judge(number, self.rules)
        why = judged.why or self._too_often(judged, by)
        if why is None:
            return judged
        words = _WORDS[why]
        times = self._incidents.due(f"toll {why}", by, self._now())
        if times:
            self._post(call_id, OutsideCallRefused(by, mask(judged.number), why.value, times))
            _log.warning(
                "call %s: %s asked for a number that may not be called: %s", call_id, by or "a campaign", words
            )
        raise NotAllowed(f"{mask(number)} may not be called: {words}", passing=judged.why is None)

    def admit(self, number: str, call_id: str, by: str) -> str:
        """As ``check``, and count the call; returns the number to be dialled."""
        judged = self.check(number, call_id, by)
        if judged.kind is not NumberKind.EMERGENCY:
            if by:
                self._count(f"by {by}")
            if judged.entry:
                self._count(f"to {judged.entry}")
        return judged.number

    def _too_often(self, judged: Judged, by: str) -> Why | None:
        if judged.kind is NumberKind.EMERGENCY:
            return None
        if by and self._reached(f"by {by}", self.rules.agent_calls_per_hour):
            return Why.AGENT_HOUR
        if judged.entry and self._reached(f"to {judged.entry}", self.rules.prefix_calls_per_hour):
            return Why.PREFIX_HOUR
        return None

    def _reached(self, key: str, limit: int) -> bool:
        calls = self._calls.get(key)
        if not limit or calls is None:
            return False
        while calls and calls[0] <= self._now() - HOUR_S:
            calls.popleft()
        return len(calls) >= limit

    def _count(self, key: str) -> None:
        calls = self._calls.get(key)
        if calls is None:
            calls = deque(maxlen=MAX_COUNTED)
        self._calls.put(key, calls)
        calls.append(self._now())
