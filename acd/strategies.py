"""Which of the free agents is rung first: one table, from a queue's strategy to the order of its agents.

Each order is a key; the agent with the smallest is rung. All of them rank only those who may be rung at all (see
``acd.matching``): who has just missed the caller, lacks a skill or is busy is not among them.
"""

import math
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from acd.agents import Agent
from acd.lines import Line
from acd.queues import Strategy

Draw: TypeAlias = Callable[[], float]
"""A random number from 0 to 1 (excluded)."""
Key: TypeAlias = Callable[[Agent, Line, Draw], tuple[float, ...]]


def _idle(agent: Agent, line: Line, draw: Draw) -> tuple[float, ...]:
    return (0.0 if agent.idle_since is None else agent.idle_since, agent.order)


def _calls(agent: Agent, line: Line, draw: Draw) -> tuple[float, ...]:
    return (agent.calls, *_idle(agent, line, draw))


def _talk(agent: Agent, line: Line, draw: Draw) -> tuple[float, ...]:
    return (agent.talk_s, *_idle(agent, line, draw))


def _lot(agent: Agent, line: Line, draw: Draw) -> tuple[float, ...]:
    return (draw(), agent.order)


def _weighted(agent: Agent, line: Line, draw: Draw) -> tuple[float, ...]:
    """The first of exponential waits with rates w is agent i with the chance w_i / Σw."""
    return (-math.log(1.0 - draw()) / agent.weight, agent.order)


def _turn(agent: Agent, line: Line, draw: Draw) -> tuple[float, ...]:
    """Whose turn is next after the agent rung last; a queue remembers him between calls."""
    last = line.places.get(line.last_rung, -1)
    return ((line.places[agent.name] - last - 1) % len(line.places),)


def _listed(agent: Agent, line: Line, draw: Draw) -> tuple[float, ...]:
    return (line.places[agent.name],)


KEYS: Final[Mapping[Strategy, Key]] = {
    Strategy.RING_ALL: _idle,  # who is left out where more are free than may be rung at once
    Strategy.LONGEST_IDLE: _idle,
    Strategy.FEWEST_CALLS: _calls,
    Strategy.LEAST_TALK: _talk,
    Strategy.RANDOM: _lot,
    Strategy.WEIGHTED_RANDOM: _weighted,
    Strategy.ROUND_ROBIN: _turn,
    Strategy.LINEAR: _listed,
    Strategy.PROGRESSIVE: _listed,
}

SEVERAL: Final = frozenset({Strategy.RING_ALL, Strategy.PROGRESSIVE})
"""Those that ring more than one agent at a time for one caller."""

LOTS: Final = frozenset({Strategy.RANDOM, Strategy.WEIGHTED_RANDOM})
"""Those that draw a lot for each agent, also where there is only one."""
