"""Referrals that come before the talk that they are about has begun: a phone may pass its call on in the moment that it
was answered, while the two are still being joined. They wait for it, but not for long.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from telephony.referral import Referral

JOINED_WITHIN_S: Final = 2.0
"""How long is waited: joining takes milliseconds, and a phone that talks with nobody is to be told so."""


@dataclass(eq=False, slots=True)
class _Early:
    """One that waits, and what ends its waiting."""

    referral: Referral
    timer: asyncio.TimerHandle


class EarlyReferrals:
    """``begun`` says whether the talks of a referral have; ``decide`` answers it, then or when its time is over."""

    def __init__(self, begun: Callable[[Referral], bool], decide: Callable[[Referral], None]) -> None:
        self._begun = begun
        self._decide = decide
        self._waiting: list[_Early] = []

    def keep(self, referral: Referral) -> None:
        """Decide it as soon as its talks have begun."""
        loop = asyncio.get_running_loop()
        early: _Early = _Early(referral, loop.call_later(JOINED_WITHIN_S, lambda: self._settle(early)))
        self._waiting.append(early)

    def look(self) -> None:
        """A talk has begun: decide what has waited for it."""
        for early in [early for early in self._waiting if self._begun(early.referral)]:
            self._settle(early)

    def _settle(self, early: _Early) -> None:
        early.timer.cancel()
        self._waiting.remove(early)
        self._decide(early.referral)
