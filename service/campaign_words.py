"""What agents say of campaigns' calls, and what that means for the contacts: by the rule of each code
(``[[disposition]] then``).
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from campaigns.gate import Plan
from campaigns.promised import PromisedCall
from campaigns.retry import RetryPlan, parse_wait
from campaigns.settle import CALL_AGAIN, RETRY, Word, settled
from campaigns.tried import Tried
from core.clock import Clock
from core.errors import ParseError
from core.events import Fact
from desk.dispositions import MOMENT_FORM, Disposition
from desk.facts import CallDisposed
from store.promising import Way
from store.settling import Settled

_FAR_S: Final = 90 * 86_400.0
_CLOCKS_DIFFER_S: Final = 60.0


class Says(Protocol):
    """Where it is put on record (``store.settling.Settling``)."""

    async def say(
        self,
        call_id: str,
        said: Fact,
        meaning: Callable[[Tried], Iterable[Fact]],
        way_of: Callable[[str], Way] = ...,
    ) -> Settled:
        """See ``store.settling.Settling``."""
        ...


class Campaigns(Protocol):
    """The campaigns of the house (``service.outbound.Outbound``)."""

    def plan(self, name: str) -> Plan | None:
        """How it calls; None where there is none of that name any more."""
        ...

    def way(self, name: str) -> Way:
        """By which rules and plan it calls."""
        ...

    async def go_on(self, name: str) -> None:
        """Somebody has come whom it is to call."""
        ...


class CampaignWords:
    """Times of promised calls are those of ``zone``."""

    def __init__(self, settling: Says, campaigns: Campaigns, clock: Clock, zone: ZoneInfo) -> None:
        self._settling = settling
        self._campaigns = campaigns
        self._clock = clock
        self._zone = zone

    async def say(self, call_id: str, said: CallDisposed, code: Disposition) -> PromisedCall | None:
        """Put ``said`` on record, and what it means where the call was a campaign's; when he is called who was promised
        it by that. ``ParseError`` where the time of a promised call has passed, or lies too far ahead.
        """
        now = self._clock.now()
        word = Word(
            code=said.code,
            agent=said.agent,
            by=said.by,
            then=code.then.value,
            agreed=code.agreed,
            wait=parse_wait(code.again) if code.then == RETRY else None,
            call_at=self._moment(said.date, now) if code.then == CALL_AGAIN else None,
            note=said.note,
        )

        def meaning(tried: Tried) -> Iterable[Fact]:
            plan = self._campaigns.plan(tried.campaign)
            return settled(tried, word, plan.retry if plan is not None else RetryPlan(zone=self._zone), now)

        told = await self._settling.say(call_id, said, meaning, self._campaigns.way)
        if told.campaign and word.then in (CALL_AGAIN, RETRY):
            await self._campaigns.go_on(told.campaign)
        return told.promised

    def _moment(self, text: str, now: float) -> float:
        at = datetime.strptime(text, MOMENT_FORM).replace(tzinfo=self._zone).timestamp()
        if not now - _CLOCKS_DIFFER_S <= at <= now + _FAR_S:
            raise ParseError("lies in the past, or more than 90 days ahead", where="date")
        return at
