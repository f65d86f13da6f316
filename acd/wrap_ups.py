"""Wrap-up: how long an agent has for his notes after a talk, and how he gets more time or ends it.

Its length is the queue's, or the agent's own. He may lengthen it as the queue's rules allow; it never lasts longer than
they say in all, unless the plain length alone is longer. A direct call taken meanwhile uses up its time. Where the
queue demands a disposition of each call it does not end before that is given, but when the longest time is over: then
it is on record that none was.
"""

from collections.abc import Callable

from acd.agents import Agent, WrapUp
from acd.deadlines import WRAP_UP, Deadlines
from acd.facts import CallUndisposed, WrapUpExtended
from acd.members import IN_WRAP_UP
from acd.queues import QueueRules
from acd.roster import Roster
from core.errors import LocalProtocolError
from core.events import Fact


class WrapUps:
    """Part of ``acd.scheduler.Scheduler``, which hands in what it does: ``note`` takes facts, ``over`` ends a wrap-up,
    ``match`` brings who is free now and who waits together.
    """

    def __init__(
        self,
        roster: Roster,
        deadlines: Deadlines,
        note: Callable[[str, Fact], None],
        over: Callable[[Agent, float], None],
        match: Callable[[float], None],
    ) -> None:
        self._roster = roster
        self._deadlines = deadlines
        self._note = note
        self._over = over
        self._match = match

    def begin(self, agent: Agent, rules: QueueRules, now: float) -> None:
        """The talk is over; where there is no wrap-up after it, that is over too."""
        length_s = agent.wrap_up_length_s(rules.wrap_up_s)
        owed = rules.needs_disposition and agent.disposed != agent.call_id
        if length_s <= 0 and not owed:
            self._over(agent, now)
            return
        more, until = rules.extension, now + length_s
        latest = max(until, now + more.most_s)
        overtime = length_s <= 0
        agent.wrap_up = WrapUp(
            agent.call_id, agent.entry, agent.queue, now, latest, more.by_s, more.times, owed, overtime=overtime
        )
        self._last_until(agent, latest if overtime else until)

    def extend(self, agent_name: str, now: float) -> None:
        """More time; ``LocalProtocolError`` where he is in no wrap-up or has had all there is."""
        agent, wrap_up = self._under_way(agent_name)
        until = min(wrap_up.latest, (agent.wrap_up_until or now) + wrap_up.extend_s)
        if wrap_up.extends_left <= 0 or until <= (agent.wrap_up_until or now):
            raise LocalProtocolError(f"the wrap-up of {agent_name} cannot be extended any more")
        wrap_up.extends_left -= 1
        self._last_until(agent, until)
        self._note("", WrapUpExtended(agent_name, until, wrap_up.extends_left))

    def finish(self, agent_name: str, now: float) -> None:
        """He has done his notes; ``LocalProtocolError`` where he is in no wrap-up, or owes a disposition."""
        agent, wrap_up = self._under_way(agent_name)
        if wrap_up.owed:
            raise LocalProtocolError(f"queue {wrap_up.queue} demands a disposition of the call first")
        self._over(agent, now)
        self._match(now)

    def disposed(self, agent_name: str, call_id: str, now: float) -> None:
        """He has given the call a disposition: a wrap-up that lasted only for that is over."""
        agent = self._roster.agent(agent_name)
        agent.disposed, wrap_up = call_id, agent.wrap_up
        if wrap_up is None or wrap_up.call_id != call_id or not wrap_up.owed:
            return
        wrap_up.owed = False
        if agent.state is IN_WRAP_UP and (wrap_up.leaving or wrap_up.overtime):
            self._over(agent, now)
            self._match(now)

    def due(self, agent: Agent, now: float) -> None:
        """Its time is over: it ends, unless a disposition is owed and may still be given."""
        wrap_up = agent.wrap_up
        if wrap_up is not None and wrap_up.owed:
            if now < wrap_up.latest:
                wrap_up.overtime = True
                self._last_until(agent, wrap_up.latest)
                self._note("", WrapUpExtended(agent.name, wrap_up.latest, wrap_up.extends_left))
                return
            self._note(wrap_up.call_id, CallUndisposed(agent.name, wrap_up.queue))
        self._over(agent, now)

    def resume(self, agent: Agent, now: float) -> None:
        """A direct call is over: back to what is left of the wrap-up in which it came, if one is."""
        wrap_up, until = agent.wrap_up, agent.wrap_up_until
        if wrap_up is None or until is None:
            return
        agent.call_id, agent.entry, agent.queue = wrap_up.call_id, wrap_up.entry, wrap_up.queue
        if not wrap_up.owed and (wrap_up.leaving or wrap_up.overtime):
            self._over(agent, now)
        else:
            self._last_until(agent, until)  # its first deadline was dropped meanwhile

    def _under_way(self, agent_name: str) -> tuple[Agent, WrapUp]:
        agent = self._roster.agent(agent_name)
        if agent.state is not IN_WRAP_UP or agent.wrap_up is None:
            raise LocalProtocolError(f"agent {agent_name} is in no wrap-up")
        return agent, agent.wrap_up

    def _last_until(self, agent: Agent, until: float) -> None:
        agent.wrap_up_until = until
        self._deadlines.add(until, WRAP_UP, agent.name)
