"""Queues and agents as the configuration has them now, and those that are taken out of it but still have work in hand.

Nothing that is going on is cut by a change. A queue that is gone takes no new callers; those who wait in it are served
by those of its agents who are left, by its old rules. An agent who is gone is signed out: he finishes his talk.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from acd.agents import Agent, Profile
from acd.lines import Line
from acd.queues import QueueRules, check_rules
from core.channels import Channel
from core.errors import LocalProtocolError

ORDINARY: Final = Profile()
"""Who has no skills of his own."""


def channel_of(*, callback: bool) -> Channel:
    """On which channel somebody in a line comes to an agent."""
    return Channel.CALLBACKS if callback else Channel.CALLS


class Roster:
    """``lines`` and ``agents`` by name, also those that are gone; ``lines_of`` an agent by his name. ``barred`` are
    those to whom no callers are given, and (True) those to whom no promises to call back are.
    """

    def __init__(
        self, queues: Iterable[QueueRules], agents: Iterable[str] = (), profiles: Mapping[str, Profile] | None = None
    ) -> None:
        self.lines: dict[str, Line] = {}
        self.agents: dict[str, Agent] = {}
        self.lines_of: dict[str, list[Line]] = {}
        self.barred: dict[bool, frozenset[str]] = {}
        self._open: frozenset[str] = frozenset()
        self._staff: frozenset[str] = frozenset()
        self.change(queues, agents, profiles)

    def change(
        self, queues: Iterable[QueueRules], agents: Iterable[str], profiles: Mapping[str, Profile] | None = None
    ) -> frozenset[str]:
        """These hold from now on; the agents who have just gone. ``profiles`` by agent's name (missing: ordinary).
        ``ConfigError`` where a rule cannot be kept: then nothing has changed.
        """
        rules = tuple(queues)
        check_rules(rules)
        names = dict.fromkeys([*agents, *(name for queue in rules for name in queue.agents)])
        gone = self._staff - names.keys()
        self._open, self._staff = frozenset(queue.name for queue in rules), frozenset(names)
        known = self.agents
        self.agents = {name: known.get(name) or Agent(name, 0) for name in dict.fromkeys([*names, *known])}
        for order, agent in enumerate(self.agents.values()):
            profile = (profiles or {}).get(agent.name, ORDINARY)
            agent.order, agent.skills, agent.weight = order, profile.skills, profile.weight
            agent.wrap_up_s, agent.channels = profile.wrap_up_s, profile.channels
        self.barred = {callback: self._without(channel_of(callback=callback)) for callback in (False, True)}
        over = {name: line for name, line in self.lines.items() if name not in self._open}
        for line in over.values():
            line.change(replace(line.rules, agents=tuple(name for name in line.rules.agents if name in names)))
        self.lines = {queue.name: self._line(queue) for queue in rules} | over
        self.lines_of = {name: [one for one in self.lines.values() if name in one.places] for name in self.agents}
        return gone

    def _without(self, channel: Channel) -> frozenset[str]:
        return frozenset(agent.name for agent in self.agents.values() if channel not in agent.channels)

    def _line(self, rules: QueueRules) -> Line:
        line = self.lines.get(rules.name)
        if line is None:
            return Line(rules)
        line.change(rules)
        return line

    def agent(self, name: str) -> Agent:
        """The agent; ``LocalProtocolError`` where there is and was none of that name."""
        agent = self.agents.get(name)
        if agent is None:
            raise LocalProtocolError(f"no agent {name!r}")
        return agent

    def begin_share(self, agent: Agent) -> None:
        """He signs in: his share of the work begins where the least of his colleagues on duty stands."""
        names = {name for line in self.lines_of[agent.name] for name in line.places}
        there = [self.agents[name] for name in names if self.agents[name].on_duty]
        agent.calls = min((one.calls for one in there), default=0)
        agent.talk_s = min((one.talk_s for one in there), default=0.0)

    def takes_callers(self, queue: str) -> bool:
        """Whether there is such a queue and it is not gone."""
        return queue in self._open

    def employs(self, agent: str) -> bool:
        """Whether there is such an agent and he is not gone."""
        return agent in self._staff

    def shown_lines(self) -> list[Line]:
        """The queues, and those that are gone while somebody waits in them."""
        return [line for name, line in self.lines.items() if name in self._open or line.entries]

    def shown_agents(self) -> list[Agent]:
        """The agents, and those who are gone while they have work in hand."""
        return [agent for name, agent in self.agents.items() if name in self._staff or agent.call_id]

    def forsaken(self) -> list[Line]:
        """Queues that are gone and have none of their agents left."""
        return [line for name, line in self.lines.items() if name not in self._open and not line.places]
