"""The driver of call distribution: brings the pure scheduler, the phones, the callers' legs and the log together.

There is no polling: each input runs the scheduler at once, and one timer waits for its next deadline. A ringing phone
is a task; it is cancelled when the offer is off, and the next ringing of the same phone begins only when that task has
cleaned up, so no phone is ever invited twice. Whatever a ringing task dies of is a failed offer. A phone that was
answered too late (its offer was off already) is hung up. The agent's leg is watched: when it ends, the talk is over
even if nobody says so, so no agent can be stuck.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Mapping

from acd.agents import Profile
from acd.agents_side import AgentsSide
from acd.asking import AskNumber
from acd.beside import Beside, report
from acd.board import Board
from acd.comfort import Announcer
from acd.decisions import Note, Overflow, OverflowWhy, Ring, StopRinging
from acd.facts import QueueOutcome
from acd.in_line import InLine
from acd.lines import Entry
from acd.misses import result_of
from acd.outlook import near
from acd.queues import QueueRules
from acd.scheduler import Scheduler
from acd.served import Connected, LeftByKey, Overflowed, Pulled, Served
from acd.strategies import Draw
from acd.urgency import PLAIN, CallerTerms
from core.clock import Clock
from core.errors import LegEnded, Unavailable
from core.events import Log
from core.ids import Ids
from telephony.ports import TAKEN, AgentPhones, EndReason, Leg

_log = logging.getLogger("line400.acd")


class Distributor(AgentsSide):
    """Serves callers from queues. Call everything on the event loop's thread; only ``serve`` and ``close`` wait."""

    def __init__(
        self,
        queues: Iterable[QueueRules],
        *,
        log: Log,
        clock: Clock,
        ids: Ids,
        phones: AgentPhones,
        announcer: Announcer,
        agents: Iterable[str] = (),
        profiles: Mapping[str, Profile] | None = None,
        draw: Draw,
    ) -> None:
        scheduler = Scheduler(queues, lambda: ids.new("offer"), agents=agents, profiles=profiles, draw=draw)
        super().__init__(scheduler, clock)
        self._event_log = log
        self._beside = Beside(scheduler, clock, log)
        self._ids = ids
        self._phones = phones
        self._announcer = announcer
        self._callers: dict[str, InLine] = {}
        self._ringing: dict[str, asyncio.Task[Leg]] = {}
        self._rings_of: dict[str, set[asyncio.Task[Leg]]] = {}
        self._chores: set[asyncio.Task[None]] = set()
        self._watches: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._away: dict[str, Callable[[], None]] = {}  # whom to tell when whose turn is near
        self._closed = False

    def change(
        self, queues: Iterable[QueueRules], agents: Iterable[str], profiles: Mapping[str, Profile] | None = None
    ) -> None:
        """See ``acd.scheduler.Scheduler.change``: nobody who waits or talks is cut off."""
        self._scheduler.change(queues, agents, self._clock.now(), profiles)
        self._act()

    # Callers

    def takes_callers(self, queue: str) -> bool:
        """Whether there is such a queue: a caller may come from a menu that is older than the last change."""
        return self._scheduler.roster.takes_callers(queue)

    def refusal(self, queue: str) -> OverflowWhy | None:
        """Why a caller without wishes of his own could not enter ``queue`` now; None where he could."""
        line = self._scheduler.line(queue)
        return self._scheduler.attendance.refusal(line, line.rules.skills)

    async def serve(
        self,
        call: Leg,
        queue: str,
        *,
        number: str,
        announcer: Announcer | None = None,
        terms: CallerTerms = PLAIN,
        ask: AskNumber | None = None,
        ask_first: bool = False,
    ) -> Served:
        """Keep the caller in ``queue`` until an agent answers, the wait is too long or he leaves by key.

        ``number`` is shown to agents; ``terms`` are what is particular about him; ``ask`` is how he is asked for the
        number where he wants to be called back (None: he cannot be), with ``ask_first`` at once. Cancelling it (he
        hung up) ends the entry as abandoned and stops all ringing; so does the end of his leg, which raises
        ``LegEnded``. ``Unavailable`` after ``close``; ``LocalProtocolError`` where there is no such queue.
        """

        def beside(caller: InLine) -> None:
            caller.ask = ask
            caller.help(self._watch_caller(caller, call))
            caller.help(self._attend(caller, call, announcer or self._announcer, ask_first))

        return await self._wait(self._newcomer(queue, number), call.call_id, queue, terms, beside)

    async def hold_place(
        self, call_id: str, queue: str, *, number: str, terms: CallerTerms, rung: Callable[[], None]
    ) -> Served:
        """As ``serve``, for somebody who is not on the line but to be called back in call ``call_id``; ``rung`` is
        called whenever an agent's phone begins to ring for him; for one who is ``away``, once his turn is near.
        """
        return await self._wait(self._newcomer(queue, number, rung), call_id, queue, terms, lambda _: None)

    def _newcomer(self, queue: str, number: str, rung: Callable[[], None] | None = None) -> InLine:
        if self._closed:
            raise Unavailable("call distribution has been closed")
        rules = self._scheduler.line(queue).rules
        return InLine(self._ids.new("entry"), number, rules, asyncio.get_running_loop().create_future(), rung)

    async def _wait(
        self, caller: InLine, call_id: str, queue: str, terms: CallerTerms, beside: Callable[[InLine], None]
    ) -> Served:
        self._callers[caller.entry] = caller
        if terms.away and caller.rung is not None:
            self._away[caller.entry] = caller.rung
        try:
            self._scheduler.enter(caller.entry, call_id, queue, self._clock.now(), terms)
            self._act()
            if not caller.done.done():
                beside(caller)
            served = await caller.done
            await caller.stop_helpers()
        except asyncio.CancelledError:
            self._give_up(caller)
            raise
        finally:
            for helper in caller.helpers:
                helper.cancel()
            caller.helpers.clear()  # how they ended knows the caller
            del self._callers[caller.entry]
            self._away.pop(caller.entry, None)
        return served

    def take_out(self, entry: str, served: Overflowed | Pulled) -> bool:
        """A caller is moved, or pulled by who has answered: ``serve`` ends so. False where he waits no more."""
        agent, outcome, why = "", QueueOutcome.OVERFLOWED, OverflowWhy.MOVED.value
        if isinstance(served, Pulled):
            agent, outcome, why = served.agent, QueueOutcome.ANSWERED, ""
        left = self._scheduler.leave(entry, outcome, self._clock.now(), agent, why)
        if left:
            self._callers[entry].settle(served)
            self._act()
        return left

    def leaving(self, entry: str) -> asyncio.Future[Served] | None:
        """How the wait of a caller on the line ends, not the asker's to cancel; None for one to be called back."""
        caller = self._callers.get(entry)
        return caller.done if caller is not None and caller.rung is None else None

    def talk_over(self, agent: str, entry: str = "") -> None:
        """The talk on ``entry`` ("": whatever it is) is over: wrap-up begins. A second time is no error."""
        self._scheduler.talk_over(agent, entry, self._clock.now())
        self._act()

    def snapshot(self) -> Board:
        """The live picture."""
        return self._scheduler.snapshot(self._clock.now())

    async def close(self) -> None:
        """End all entries as interrupted and all ringing; ``serve`` raises ``Unavailable``. Returns when quiet."""
        self._closed = True
        for caller in list(self._callers.values()):
            left = self._scheduler.leave(caller.entry, QueueOutcome.INTERRUPTED, self._clock.now())
            if left and not caller.done.done():
                caller.done.set_exception(Unavailable("call distribution is being closed"))
            self._act()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for watch in self._watches:
            watch.cancel()
        while rest := {*self._chores, *self._watches}.union(*self._rings_of.values()):
            await asyncio.wait(rest)
            await asyncio.sleep(0)  # let what they have left to do begin

    # The scheduler's decisions

    def _act(self) -> None:
        """Do what the scheduler has decided, in order, and set the timer."""
        for decision in self._scheduler.take():
            match decision:
                case Note(call_id, item):
                    self._event_log.post(call_id, item)
                case Ring():
                    self._start_ringing(decision)
                case StopRinging(offer, _, taken):
                    task = self._ringing.pop(offer, None)
                    if task is not None:
                        task.cancel(TAKEN if taken else None)
                case Overflow(entry, to, due=due):
                    caller = self._callers[entry]
                    caller.settle(Overflowed(to, entry, caller.rules.name, due))
        for entry in near(self._scheduler.roster, self._away) if self._away else ():
            self._away.pop(entry)()
        self._set_timer()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deadline = self._scheduler.next_deadline()
        if deadline is not None and not self._closed:
            delay_s = max(0.0, deadline - self._clock.now())
            self._timer = asyncio.get_running_loop().call_later(delay_s, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        self._scheduler.on_deadline(self._clock.now())
        self._act()

    # Ringing

    def _start_ringing(self, ring: Ring) -> None:
        caller = self._callers[ring.entry]
        if caller.rung is not None:
            caller.rung()
        others = self._rings_of.setdefault(ring.agent, set())
        task = asyncio.get_running_loop().create_task(
            self._ring(ring, caller.number, frozenset(others)), name=f"ring {ring.offer}"
        )
        self._ringing[ring.offer] = task
        others.add(task)
        task.add_done_callback(lambda done: self._on_rung(ring, done))

    async def _ring(self, ring: Ring, number: str, others: frozenset[asyncio.Task[Leg]]) -> Leg:
        if others:
            await asyncio.wait(others)
        return await self._phones.ring(
            ring.agent, ring.call_id, caller=number, timeout_s=ring.timeout_s, auto_answer=ring.alone
        )

    def _on_rung(self, ring: Ring, task: asyncio.Task[Leg]) -> None:
        self._rings_of[ring.agent].discard(task)
        wanted = self._ringing.pop(ring.offer, None) is not None
        now = self._clock.now()
        fault = None if task.cancelled() else task.exception()
        if task.cancelled() or fault is not None:
            if wanted:
                self._scheduler.missed(ring.offer, result_of(fault), now)
                self._act()
            return
        leg = task.result()
        caller = self._callers.get(ring.entry)
        # A caller whose task is cancelled but has not run yet is gone already.
        if caller is None or caller.done.done() or not wanted or not self._scheduler.answered(ring.offer, now):
            self._chore(self._chores, leg.hang_up(EndReason.CANCELLED), f"hang up {leg.id}")
            return
        self._chore(self._watches, self._watch_agent(leg, ring.agent, ring.entry), f"watch {leg.id}")
        caller.settle(Connected(ring.agent, leg, ring.entry, ring.queue))
        self._act()

    async def _watch_agent(self, leg: Leg, agent: str, entry: str) -> None:
        await leg.wait_ended()
        self.talk_over(agent, entry)

    def _give_up(self, caller: InLine) -> None:
        """``serve`` was cancelled: nothing of it may stay, not even an agent who has just answered."""
        if self._hung_up(caller) or not caller.done.done():
            return
        if not caller.done.cancelled() and caller.done.exception() is None:
            served = caller.done.result()
            if isinstance(served, Connected | Pulled):
                self._chore(self._chores, served.leg.hang_up(EndReason.NORMAL), f"hang up {served.leg.id}")
                self.talk_over(served.agent, served.entry)
                self.release(served.agent, served.leg.call_id)

    def _hung_up(self, caller: InLine) -> bool:
        """The caller is gone; False where his wait had ended. Who was choosing to be called back is called back."""
        place, number = self._place(caller), caller.stands
        outcome = QueueOutcome.CALLED_BACK if number else QueueOutcome.ABANDONED
        if not self._scheduler.leave(caller.entry, outcome, self._clock.now()):
            return False
        if number and place is not None and caller.ask is not None:
            caller.ask.hung_up(caller.wish(number, place))
        self._act()
        return True

    def _place(self, caller: InLine) -> Entry | None:
        line = self._scheduler.lines.get(caller.rules.name)
        return None if line is None else line.entries.get(caller.entry)

    # What goes on beside a waiting caller

    async def _watch_caller(self, caller: InLine, call: Leg) -> None:
        await call.wait_ended()
        if not caller.done.done() and self._hung_up(caller):
            caller.done.set_exception(LegEnded("the caller hung up while he waited"))

    async def _attend(self, caller: InLine, call: Leg, announcer: Announcer, ask_first: bool) -> None:
        entry, rules = caller.entry, caller.rules
        key, number = await self._beside.attend(call, entry, rules, announcer, caller.ask, ask_first=ask_first)
        place = self._place(caller)
        if place is None or not (key or number):
            return
        gone = LeftByKey(key, entry, rules.name, place.due)
        wish = caller.wish(number, place)
        outcome = QueueOutcome.CALLED_BACK if number else QueueOutcome.LEFT_BY_KEY
        if self._scheduler.leave(entry, outcome, self._clock.now()):
            caller.settle(wish if number else gone)
            self._act()

    def _chore(self, kept: set[asyncio.Task[None]], work: Coroutine[object, object, None], name: str) -> None:
        task = asyncio.get_running_loop().create_task(work, name=name)
        kept.add(task)
        task.add_done_callback(kept.discard)
        task.add_done_callback(report)
