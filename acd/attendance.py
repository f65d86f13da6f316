"""Who may wait in a queue: whether the agents whom its rules ask for are there, and who waits for nobody any more.

Only agents count who could ever serve the caller: those who take callers, and have the skills that he needs once
``relax`` has done all that it does. Who has asked for a pause, or to leave when his talk is over, counts as away at
once: he takes nobody any more. This is looked at when an agent comes, pauses or goes, never by the clock.
"""

from collections.abc import Iterable
from math import inf

from acd.agents import Agent, AgentState
from acd.decisions import OverflowWhy
from acd.lines import Entry, Line
from acd.queues import There
from acd.roster import Roster
from acd.skills import SkillNeed, fits, lowered_by

_ALWAYS = There.ALWAYS


class Attendance:
    """Knows of each agent whether he is there, and who has come or gone since ``forsaken`` was last asked."""

    def __init__(self, roster: Roster) -> None:
        self._roster = roster
        self._seen: dict[str, tuple[bool, bool]] = {}
        self._moved: dict[str, None] = {}
        self._anew = False

    def note(self, agent: Agent) -> None:
        """The agent's state may have changed."""
        there = (agent.signed_in, agent.on_duty)
        if self._seen.get(agent.name) != there:
            self._seen[agent.name] = there
            self._moved[agent.name] = None

    def anew(self) -> None:
        """Rules, queues or agents have changed: everything is to be looked at again."""
        self._anew = True

    def refusal(self, line: Line, needs: tuple[SkillNeed, ...]) -> OverflowWhy | None:
        """Why a caller who ``needs`` these skills may not wait in ``line``; None where he may."""
        rules = line.rules
        if rules.max_length is not None and line.full:
            return OverflowWhy.FULL
        if rules.enter_while is _ALWAYS and rules.stay_while is _ALWAYS:
            return None
        may = self._suffices(line, needs, rules.enter_while) and self._suffices(line, needs, rules.stay_while)
        return None if may else OverflowWhy.UNATTENDED

    def forsaken(self) -> list[tuple[Entry, OverflowWhy]]:
        """Who waits for nobody any more since this was last asked, the next one of each queue first, and why."""
        if not self._moved and not self._anew:
            return []
        found: list[tuple[Entry, OverflowWhy]] = []
        roster, moved = self._roster, self._moved
        lines: Iterable[Line] = {line.rules.name: line for name in moved for line in roster.lines_of[name]}.values()
        if self._anew:
            gone = roster.forsaken()
            found = [(entry, OverflowWhy.GONE) for line in gone for entry in line.in_order()]
            lines = [line for line in roster.lines.values() if line not in gone]
        self._moved, self._anew = {}, False
        return found + [(entry, OverflowWhy.UNATTENDED) for line in lines for entry in self._left_alone(line)]

    def _left_alone(self, line: Line) -> list[Entry]:
        if line.rules.stay_while is There.ALWAYS or not line.entries:
            return []
        waiting = [entry for entry in line.in_order() if not entry.terms.callback]  # promises wait for who comes back
        served = {needs: self._suffices(line, needs, line.rules.stay_while) for needs in {one.needs for one in waiting}}
        return [entry for entry in waiting if not served[entry.needs]]

    def _suffices(self, line: Line, needs: tuple[SkillNeed, ...], asked: There) -> bool:
        if asked is _ALWAYS:
            return True
        lowered = lowered_by(line.rules.relax, inf)
        barred = self._roster.barred[False]
        crew = (self._roster.agents[name] for name in line.rules.agents if name not in barred)
        return any(_is_there(agent, asked) and fits(agent.skills, needs, lowered) for agent in crew)


def _is_there(agent: Agent, asked: There) -> bool:
    match asked:
        case There.FREE:
            return agent.state is AgentState.AVAILABLE
        case There.ON_DUTY:
            return agent.on_duty
        case There.SIGNED_IN:
            return agent.signed_in
        case There.ALWAYS:
            return True
