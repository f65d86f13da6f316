"""Where a caller stands among all who want the same agents: how many calls must end before he is answered.

All who are due before him in his own queue count, and those of other queues by the share of their agents' time that is
spent by agents of his own; an agent's time is divided evenly between those of his queues in which somebody waits.
"""

from collections.abc import Mapping, Sequence

from acd.agents import Agent, AgentState
from acd.estimate import Estimate
from acd.lines import Entry, EntryState, Line


def outlook(
    entry: Entry, lines: Mapping[str, Line], lines_of: Mapping[str, Sequence[Line]], agents: Mapping[str, Agent]
) -> Estimate | None:
    """The wait that is left to ``entry``; None if no agent of its queue is on duty. ``lines_of`` an agent by name."""
    own = lines[entry.queue]
    crew = _on_duty(own, agents)
    if not crew:
        return None
    free = sum(1 for name in crew if agents[name].state is AgentState.AVAILABLE)
    ends = round(_rivals(entry, crew, lines, lines_of, agents)) + 1 - free
    return own.times.estimate(max(1, ends), len(crew))


def _on_duty(line: Line, agents: Mapping[str, Agent]) -> set[str]:
    return {name for name in line.rules.agents if agents[name].on_duty}


def _rivals(
    entry: Entry,
    crew: set[str],
    lines: Mapping[str, Line],
    lines_of: Mapping[str, Sequence[Line]],
    agents: Mapping[str, Agent],
) -> float:
    """How many callers, by the share of ``crew`` that they need, will be served before ``entry``."""
    sooner = {
        name: sum(1 for other in line.in_order()[: line.ahead(entry)] if _waits(other)) for name, line in lines.items()
    }
    rivals = 0.0
    for name, count in sooner.items():
        if not count:
            continue
        shares = {
            agent: 1 / sum(1 for line in lines_of[agent] if sooner[line.rules.name])
            for agent in _on_duty(lines[name], agents)
        }
        if shares:
            rivals += count * sum(shares[agent] for agent in crew & shares.keys()) / sum(shares.values())
    return rivals


def _waits(entry: Entry) -> bool:
    """A caller for whom a phone rings already has his agent."""
    return entry.state is EntryState.WAITING
