"""Who goes with whom: the free agents and the waiting callers, over all queues.

First every caller for whom no phone rings gets one agent, in the order in which callers are due; then, of the agents
who are left, callers of queues that ring several at a time get more. So no caller waits in silence while a phone that
could ring for him is taken by one who has others already.

Only what has changed is looked at: an agent who has become free is shown to the callers of his queues, a caller who has
come (or come back from an unanswered phone) to the free agents. Where neither finds the other, time alone may change
that (a miss long enough ago, levels lowered, the end of the wait for his own agent, the next step of progressive
ringing): the earliest such moment is kept with the caller as a deadline.
"""

import heapq
from collections.abc import Iterable, Iterator, Sequence

from acd.agents import Agent
from acd.deadlines import LOOK, Deadlines
from acd.lines import Entry, Line, Turn
from acd.members import AVAILABLE, OFFERED, WAITING
from acd.queues import GRAIN_S, Strategy
from acd.roster import Roster
from acd.skills import fits, lowered_by, next_step_s
from acd.strategies import KEYS, LOTS, SEVERAL, Draw


class Matching:
    """Free agents and what has changed about agents and callers since the last ``pairs``."""

    def __init__(self, roster: Roster, deadlines: Deadlines, draw: Draw) -> None:
        self.free: dict[str, Agent] = {}
        self._roster = roster
        self._deadlines = deadlines
        self._draw = draw
        self._fresh: dict[str, Agent] = {}
        self._stirred: dict[str, Entry] = {}
        self._several: dict[str, Entry] = {}
        self._kept_for: dict[str, dict[str, Entry]] = {}

    def note(self, agent: Agent) -> None:
        """The agent's state may have changed."""
        name = agent.name
        if agent.state is AVAILABLE and self._roster.lines_of[name]:
            if name not in self.free:
                self.free[name] = self._fresh[name] = agent
        elif self.free.pop(name, None) is not None:
            self._fresh.pop(name, None)
        if self._kept_for and name in self._kept_for and not agent.on_duty:
            self._stirred |= self._kept_for.pop(name)

    def stir(self, entry: Entry) -> None:
        """Something has changed for the caller: he has come, a phone rings for him or does no more, or it is time."""
        self._stirred[entry.id] = entry
        if entry.state is not OFFERED:
            self._several.pop(entry.id, None)
        elif self._roster.lines[entry.queue].rules.strategy in SEVERAL:
            self._several[entry.id] = entry

    def forget(self, entry: Entry) -> None:
        """The caller waits no more."""
        self._stirred.pop(entry.id, None)
        self._several.pop(entry.id, None)
        if self._kept_for:
            for name in (entry.terms.agent, entry.terms.then):
                if name in self._kept_for:
                    self._kept_for[name].pop(entry.id, None)

    def anew(self) -> None:
        """Rules, queues or agents have changed: everything is to be looked at again."""
        roster = self._roster
        self.free = {
            name: one for name, one in roster.agents.items() if one.state is AVAILABLE and roster.lines_of[name]
        }
        self._fresh = dict(self.free)

    def pairs(self, now: float) -> Iterator[tuple[Entry, Agent]]:
        """Whom to offer to whom. Each pair must be acted upon (and ``note`` told) before the next is asked for."""
        yield from self._firsts(now)
        if self.free and self._several:
            yield from self._more(now)
        self._fresh.clear()
        self._stirred.clear()

    def idle(self) -> bool:
        """Whether there is nothing to look at: nothing has changed, or nobody is free (whatever has changed, it will be
        looked at when somebody is).
        """
        if self.free:
            return not self._fresh and not self._stirred
        self._stirred.clear()
        return True

    def _firsts(self, now: float) -> Iterator[tuple[Entry, Agent]]:
        for _, _, entry in self._changed():
            if entry.state is not WAITING or entry.terms.away:
                continue
            agent = self._choose(entry, self._in_question(entry), now)
            if agent is not None:
                yield entry, agent
                if not self.free:
                    return

    def _in_question(self, entry: Entry) -> Iterable[Agent]:
        """Free agents who may not have been looked at for this caller yet."""
        return self.free.values() if entry.id in self._stirred else self._fresh.values()

    def _changed(self) -> Iterable[Turn]:
        """Callers for whom there may be somebody now, in their order."""
        stirred = [(entry.due, entry.order, entry) for entry in self._stirred.values()]
        if len(stirred) > 1:
            stirred.sort()
        lines: dict[str, Line] = {}
        for name in self._fresh:
            for line in self._roster.lines_of[name]:
                if line.turns:
                    lines[line.rules.name] = line
        if not lines:
            return stirred
        if len(lines) == 1 and not stirred:
            return next(iter(lines.values())).turns
        return heapq.merge(stirred, *(line.turns for line in lines.values()))

    def _more(self, now: float) -> Iterator[tuple[Entry, Agent]]:
        """Further phones for callers for whom one rings already, as their queues' rules allow."""
        for entry in sorted(self._several.values(), key=lambda one: (one.due, one.order)):
            line = self._roster.lines[entry.queue]
            while entry.offers and not entry.overdue:
                if len(entry.offers) >= line.rules.ring_now(now - entry.round_at):
                    self._look_at_next_step(entry, line, now)
                    break
                suited = self._suited(entry, line, self._in_question(entry), now)
                left = [agent for agent in suited if agent.name not in entry.missed]
                if not left:
                    break
                yield entry, self._first_of(left, line)

    def _choose(self, entry: Entry, free: Iterable[Agent], now: float) -> Agent | None:
        """Whom to ring for a caller for whom nobody is rung: untried ones first, then those whose miss is long ago."""
        line = self._roster.lines[entry.queue]
        suited = self._suited(entry, line, free, now)
        if not suited:
            return None
        untried = [agent for agent in suited if agent.name not in entry.missed] if entry.missed else suited
        if untried:
            own = (entry.terms.agent, entry.terms.then) if entry.terms.agent else ()
            mine = [agent for name in own for agent in untried if agent.name == name]
            return mine[0] if mine else self._first_of(untried, line)
        agent = min(
            suited, key=lambda one: (entry.missed[one.name], *KEYS[Strategy.LONGEST_IDLE](one, line, self._draw))
        )
        again_at = entry.missed[agent.name] + line.rules.retry_s
        if again_at > now:
            self._look(entry, again_at, now)
            return None
        if line.rules.strategy in SEVERAL:  # a new round: all of them may be rung again
            entry.missed = {name: at for name, at in entry.missed.items() if at + line.rules.retry_s > now}
        return agent

    def _suited(self, entry: Entry, line: Line, free: Iterable[Agent], now: float) -> Sequence[Agent]:
        """Those of ``free`` who may serve the caller at this moment."""
        suited = [agent for agent in free if agent.name in line.places]
        if barred := self._roster.barred[bool(entry.terms.callback)]:
            suited = [agent for agent in suited if agent.name not in barred]
        if not suited:
            return suited
        lowered = 0
        if entry.needs:
            waited_s = now - entry.entered_at + GRAIN_S
            lowered = lowered_by(line.rules.relax, waited_s)
            fitting = [agent for agent in suited if fits(agent.skills, entry.needs, lowered)]
            if len(fitting) < len(suited) and (step_s := next_step_s(line.rules.relax, waited_s)) is not None:
                self._look(entry, entry.entered_at + step_s, now)
            suited = fitting
        if entry.terms.agent and (own := self._kept(entry, line, lowered, now)):
            suited = [agent for agent in suited if agent.name == own]
        return suited

    def _kept(self, entry: Entry, line: Line, lowered: int, now: float) -> str:
        """For whom the caller waits, and for nobody else ("": for anybody)."""
        until = entry.entered_at + line.rules.sticky_wait_s
        if now >= until:
            return ""
        barred = self._roster.barred[bool(entry.terms.callback)]
        for name in (entry.terms.agent, entry.terms.then):
            agent = self._roster.agents.get(name)
            if agent is None or not agent.on_duty or name not in line.places or name in entry.missed:
                continue
            if fits(agent.skills, entry.needs, lowered) and name not in barred:
                self._kept_for.setdefault(name, {})[entry.id] = entry
                self._look(entry, until, now)
                return name
        return ""

    def _first_of(self, agents: Sequence[Agent], line: Line) -> Agent:
        strategy = line.rules.strategy
        if len(agents) == 1 and strategy not in LOTS:
            return agents[0]
        key, draw = KEYS[strategy], self._draw
        return min(agents, key=lambda one: key(one, line, draw))

    def _look_at_next_step(self, entry: Entry, line: Line, now: float) -> None:
        """Progressive ringing: more phones with the next step, as long as there can be more."""
        rules = line.rules
        if rules.strategy is Strategy.PROGRESSIVE and len(entry.offers) < min(rules.ring_at_once, len(line.places)):
            steps = int((now - entry.round_at + GRAIN_S) / rules.ring_step_s) + 1
            self._look(entry, entry.round_at + steps * rules.ring_step_s, now)

    def _look(self, entry: Entry, at: float, now: float) -> None:
        """Look at the caller again at ``at``, unless that is done sooner anyway."""
        if entry.look_at <= now or at < entry.look_at:
            entry.look_at = at
            self._deadlines.add(at, LOOK, entry.id)
