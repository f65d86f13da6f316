"""Where a caller stands among all who want the same agents: how many calls must end before he is answered.

All who are due before him in his own queue count, and those of other queues by the share of their agents' time that is
spent by agents of his own; an agent's time is divided evenly between those of his queues in which somebody waits.
"""

from collections.abc import Collection, Mapping, Sequence
from math import inf

from acd.agents import Agent
from acd.estimate import Estimate
from acd.lines import Entry, Line
from acd.members import AVAILABLE, WAITING
from acd.roster import Roster, channel_of
from core.channels import Channel


def outlook(
    entry: Entry, lines: Mapping[str, Line], lines_of: Mapping[str, Sequence[Line]], agents: Mapping[str, Agent]
) -> Estimate | None:
    """The wait that is left to ``entry``; None if no agent of its queue is on duty. ``lines_of`` an agent by name."""
    own = lines[entry.queue]
    channel = channel_of(callback=bool(entry.terms.callback))
    crew = _on_duty(own, agents, channel)
    if not crew:
        return None
    free = sum(1 for name in crew if agents[name].state is AVAILABLE)
    ends = round(_rivals(entry, crew, lines, lines_of, agents, channel)) + 1 - free
    return own.times.estimate(max(1, ends), len(crew))


def near(roster: Roster, untold: Collection[str]) -> list[str]:
    """Those of the entries ``untold`` who are away and whose turn is near: an agent is free for them, or
    will be within ``callback_lead_s`` of the queue's rules, as far as can be told. And those who are passed over: an
    agent is rung for somebody behind them, because they are not on the line, which must not go on for ever.
    """
    return [entry.id for line in roster.lines.values() if line.absent for entry in _near(line, roster, untold)]


def _near(line: Line, roster: Roster, untold: Collection[str]) -> list[Entry]:
    agents, found = roster.agents, list[Entry]()
    rung = max(((one.due, one.order) for one in line.entries.values() if not _waits(one)), default=(-inf, 0))
    crew = _on_duty(line, agents, Channel.CALLBACKS)
    free = sum(1 for name in crew if agents[name].state is AVAILABLE)
    for entry in line.in_order() if crew else ():
        if not entry.terms.away or entry.id not in untold:
            continue
        ends = round(_rivals(entry, crew, roster.lines, roster.lines_of, agents, Channel.CALLBACKS)) + 1 - free
        left_s = line.times.estimate(ends, len(crew)).wait_s - line.times.ring_s if ends > 0 else 0.0
        if left_s > line.rules.callback_lead_s and (entry.due, entry.order) > rung:
            break  # and so are those behind him
        found.append(entry)
    return found


def _on_duty(line: Line, agents: Mapping[str, Agent], channel: Channel) -> set[str]:
    return {name for name in line.rules.agents if agents[name].on_duty and channel in agents[name].channels}


def _rivals(
    entry: Entry,
    crew: set[str],
    lines: Mapping[str, Line],
    lines_of: Mapping[str, Sequence[Line]],
    agents: Mapping[str, Agent],
    channel: Channel,
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
            for agent in _on_duty(lines[name], agents, channel)
        }
        if shares:
            rivals += count * sum(shares[agent] for agent in crew & shares.keys()) / sum(shares.values())
    return rivals


def _waits(entry: Entry) -> bool:
    """A caller for whom a phone rings already has his agent."""
    return entry.state is WAITING
