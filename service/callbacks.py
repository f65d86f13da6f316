"""The promises to call customers back: each stands in the line of its queue until an agent takes it, rests between
tries, and ends once. One task for each, so there is no polling; what may happen next is ``acd.callbacks``' matter.

No number is ever tried twice at the same time. A try is on disk before its first packet leaves, so after a crash it
counts as one, and the customer is not called again before ``retry_min``.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final
from weakref import WeakValueDictionary

from acd.callback_facts import CallbackEnded, CallbackHastened, CallbackPromised
from acd.callbacks import Callback, CallbackBook, CallbackInput, CallbackOutcome, CallbackState
from acd.served import WantsCallback
from acd.skills import SkillNeed
from core.clock import Clock
from core.errors import LocalProtocolError, Unavailable
from core.events import Log
from core.ids import Ids
from core.number_kinds import NumberKind, place
from core.skill_text import parse_skill
from service.callback_customer import CustomerFirst, CustomerStory
from service.callback_hours import closes_at
from service.callback_stand import Places, Stand, Story
from service.config_callback import CallbackTerms
from service.supervisor import Supervisor
from store.callback_rows import CallbackRow
from telephony.call import Call
from telephony.tolls import TollRules, judge

_log = logging.getLogger("line400.service")
_DIALABLE: Final = frozenset({NumberKind.MOBILE, NumberKind.FIXED, NumberKind.LOCAL, NumberKind.ABROAD})
"""Nobody can have us call emergency or service numbers."""
FIRST_OF_ALL: Final = 0.0
"""Due before everybody else."""


@dataclass(slots=True)
class _Kept:
    """An open promise at work. ``wake`` tells its task to look again."""

    one: Callback
    wake: asyncio.Event
    turn: asyncio.Lock


class Callbacks:
    """``toll_rules`` are asked which numbers may be called; without ``open`` nobody is called back."""

    def __init__(
        self,
        clock: Clock,
        ids: Ids,
        log: Log,
        tasks: Supervisor,
        terms: CallbackTerms,
        toll_rules: Callable[[], TollRules],
    ) -> None:
        self.terms = terms
        """May be changed while it works: what is tried next goes by it."""
        self._clock = clock
        self._ids = ids
        self._log = log
        self._tasks = tasks
        self._toll_rules = toll_rules
        self._book = CallbackBook()
        self._kept: dict[str, _Kept] = {}
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._line: Places | None = None
        self._story: Story | None = None
        self._customer_story: CustomerStory | None = None
        self._held = False

    def open(
        self,
        line: Places,
        story: Story,
        promised: Iterable[CallbackRow] = (),
        customer_story: CustomerStory | None = None,
    ) -> None:
        """Begin, with what was ``promised`` before the last end of the process. Without ``customer_story`` the agent is
        always called first.
        """
        self._line, self._story, self._customer_story = line, story, customer_story
        for row in promised:
            tried_again_at = row.tried_at + self.terms.rules.retry_s if row.tried_at is not None else 0.0
            self._begin(
                Callback(
                    row.id,
                    row.queue,
                    row.number,
                    row.call_id,
                    row.promised_at,
                    row.due_at,
                    row.expires_at,
                    tuple(SkillNeed(*parse_skill(text)) for text in row.skills),
                    row.tries,
                    max(row.again_at, tried_again_at),
                )
            )

    def hold(self) -> None:
        """The house is being stopped: nobody is tried any more; the next start takes the promises up."""
        self._held = True
        for kept in self._kept.values():
            kept.wake.set()

    # Callers

    def takes(self) -> bool:
        """Whether a promise can be made now."""
        return self._line is not None and bool(self.terms.trunk) and not self._held and not self._book.full

    def dialable(self, text: str) -> str:
        """The number that ``text`` means, as the house keeps it; "" where we would not call it."""
        judged = judge(text, self._toll_rules())
        return judged.number if judged.why is None and judged.kind in _DIALABLE else ""

    async def promise(self, call_id: str, wish: WantsCallback) -> None:
        """Whoever waited in call ``call_id`` is called back; on disk when this returns. Where his number has been
        promised a call in that queue already, that promise stands. One that is made while nobody is called holds from
        the moment at which customers are called again. ``Unavailable`` where it cannot be kept.
        """
        queue, number, skills = wish.queue, wish.number, wish.skills
        if self._book.of(number, queue) is not None:
            return
        now = self._clock.now()
        opens = None if self.terms.hours is None else self.terms.hours.next_open(now)
        expires_at = (now if opens is None else opens) + self.terms.rules.holds_s
        one = Callback(self._ids.new("callback"), queue, number, call_id, now, wish.due, expires_at, skills)
        self._begin(one)
        wanted = tuple(f"{need.skill}:{need.level}" for need in skills)
        fact = CallbackPromised(one.id, queue, number, wish.entry, wish.due, expires_at, wanted)
        try:
            await self._log.commit(call_id, fact)
        except Unavailable:
            one.step(CallbackInput.END)
            self._kept[one.id].wake.set()
            raise

    def claim_place(self, text: str, queue: str, call_id: str) -> float | None:
        """Whoever calls from ``text`` in ``call_id`` enters ``queue``: when he is due by what was promised to him there
        (that is merged into his call), None where nothing was.
        """
        one = self._book.of(place(text).number, queue)
        if one is None:
            return None
        self._give_up(one, CallbackOutcome.MERGED, "caller", call_id)
        return one.due

    # Supervisors

    def all(self) -> list[Callback]:
        """What is open, the oldest first."""
        return list(self._book)

    def cancel(self, callback: str, by: str) -> bool:
        """Nobody is to be called any more; False where there is no such promise. Where the customer is being called
        just now, it holds if he is not reached.
        """
        one = self._book.get(callback)
        if one is None:
            return False
        self._give_up(one, CallbackOutcome.CANCELLED, by, one.call_id)
        return True

    def hasten(self, callback: str, by: str) -> bool:
        """Try it now, before everybody else; False where there is no such promise. ``LocalProtocolError`` where the
        customer is being called just now.
        """
        one = self._book.get(callback)
        if one is None:
            return False
        if one.state is CallbackState.DIALLED:
            raise LocalProtocolError("the customer is being called just now")
        one.not_before, one.due = 0.0, FIRST_OF_ALL
        self._log.post(one.call_id, CallbackHastened(one.id, one.queue, by))
        self._kept[one.id].wake.set()
        return True

    # Inside

    def _begin(self, one: Callback) -> None:
        turn = self._turns.setdefault(one.number, asyncio.Lock())
        self._book.add(one)
        self._kept[one.id] = kept = _Kept(one, asyncio.Event(), turn)
        self._tasks.spawn(f"callback {one.id}", self._keep(kept))

    async def _keep(self, kept: _Kept) -> None:
        one = kept.one
        try:
            while self._goes_on(one):
                kept.wake.clear()
                now = self._clock.now()
                if (outcome := one.over(now, self.terms.rules)) is not None:
                    self._end(one, outcome, one.given_up_by, one.call_id)
                elif (at := self._may_begin(one, now)) > now:
                    await _nap(kept.wake, min(at, one.expires_at) - now)
                else:
                    async with kept.turn:  # the same number may be promised a call in another queue too
                        await self._stand(kept)
        except Unavailable as error:
            _log.info("callback %s waits for the next start: %s", one.id, error)
        finally:
            self._kept.pop(one.id, None)
            self._book.remove(one)

    def _goes_on(self, one: Callback) -> bool:
        return one.state is not CallbackState.ENDED and not self._held

    def _may_begin(self, one: Callback, now: float) -> float:
        """When it may stand in the line; later than it holds where it never may."""
        at = max(now, one.not_before)
        hours = self.terms.hours
        opens = at if hours is None else hours.next_open(at)
        return one.expires_at if opens is None else opens

    async def _stand(self, kept: _Kept) -> None:
        """In the line, and what comes of it. What has changed since it was looked at last ends it at once."""
        one, now, terms, line, story = kept.one, self._clock.now(), self.terms, self._line, self._story
        if not self._goes_on(one) or one.over(now, terms.rules) is not None or self._may_begin(one, now) > now:
            return
        if line is None or story is None or not line.takes_callers(one.queue):
            one.given_up = CallbackOutcome.CANCELLED
            return
        closes = closes_at(terms.hours, now) if terms.hours is not None else None
        other = self._customer_story if one.queue in terms.customer_first else None
        kind = Stand if other is None else CustomerFirst
        stand = kind(
            one,
            Call(self._ids.new("call"), self._log),
            terms,
            line,
            self._log,
            self._clock,
            goes_on=lambda: self._goes_on(one),
            over=lambda: self._book.remove(one),
        )
        within_s = min(one.expires_at, closes or one.expires_at) - now
        if isinstance(stand, CustomerFirst) and other is not None:
            await stand.await_turn(other, kept.wake, within_s)
        else:
            await stand.run(story, kept.wake, within_s)

    def _give_up(self, one: Callback, outcome: CallbackOutcome, by: str, call_id: str) -> None:
        """It ends so at once, or, where the customer is being called just now, unless he is reached."""
        if one.state is CallbackState.DIALLED:
            one.given_up, one.given_up_by = outcome, by
            return
        self._end(one, outcome, by, call_id)
        self._kept[one.id].wake.set()

    def _end(self, one: Callback, outcome: CallbackOutcome, by: str, call_id: str) -> None:
        one.step(CallbackInput.END)
        self._book.remove(one)
        self._log.post(call_id, CallbackEnded(one.id, one.queue, outcome.value, by=by))


async def _nap(wake: asyncio.Event, within_s: float) -> None:
    try:
        async with asyncio.timeout(max(0.0, within_s)):
            await wake.wait()
    except TimeoutError:
        pass
