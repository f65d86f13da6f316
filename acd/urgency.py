"""In which order callers are served, over all queues: by the moment at which each is due, earliest first.

A caller is due at the moment he came, earlier by what puts him ahead: the weight of his queue, his own priority, the
wait that he brings with him from a call before. All of these are seconds of waiting. In the order ``DEADLINE`` he is
due later by the target of his queue's service level, so callers are served by the deadline that was promised.

The moment is fixed when he comes, which is what keeps anybody from starving: nobody is put ahead by more than
``MOST_AHEAD_S`` (and the longest target), so who comes later than that is behind him for ever, whatever his priority.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from acd.skills import SkillNeed

MOST_AHEAD_S: Final = 1800.0
"""The most that weight, priority and a wait brought along can put a caller ahead, together."""


class Order(StrEnum):
    """What callers are ordered by."""

    WAIT = "wait"
    DEADLINE = "deadline"


@dataclass(frozen=True, slots=True)
class CallerTerms:
    """What is particular about one caller: ``ahead_s`` his priority, ``waited_s`` the wait that he brings with him
    (seconds), ``skills`` wanted besides those of the queue, ``agent`` who is to be tried first ("": nobody),
    ``then`` who is where that one does not serve callers now.

    ``due`` is the moment at which he is due already, where he keeps a place (None: nobody does). ``callback`` is the
    promise by which he is to be called back ("": he is on the line); ``away`` that no agent is rung for him: he is
    called first, when his turn is near.
    """

    ahead_s: float = 0.0
    waited_s: float = 0.0
    skills: tuple[SkillNeed, ...] = ()
    agent: str = ""
    then: str = ""
    due: float | None = None
    callback: str = ""
    away: bool = False


PLAIN: Final = CallerTerms()
"""A caller like any other."""


def due_at(came_at: float, terms: CallerTerms, *, queue_ahead_s: float, target_s: float, order: Order) -> float:
    """When a caller who came at ``came_at`` is due: who keeps a place, when he was due before."""
    if terms.due is not None:
        return terms.due
    ahead_s = min(max(0.0, terms.ahead_s + terms.waited_s + queue_ahead_s), MOST_AHEAD_S)
    return came_at - ahead_s + (target_s if order is Order.DEADLINE else 0.0)


def most_passed_over_s(longest_target_s: float, shortest_target_s: float, order: Order) -> float:
    """The starvation bound: nobody is passed over for a caller who came more than so many seconds after him."""
    return MOST_AHEAD_S + (longest_target_s - shortest_target_s if order is Order.DEADLINE else 0.0)
