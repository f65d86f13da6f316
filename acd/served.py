"""How waiting in a queue can end for a caller who did not hang up."""

from dataclasses import dataclass
from typing import TypeAlias

from acd.skills import SkillNeed
from telephony.ports import Leg


@dataclass(frozen=True, slots=True)
class Connected:
    """``agent`` answered; ``leg`` is his phone, ready to be joined with the caller. It is now the taker's to hang up.

    The agent counts as talking on ``entry`` until ``Distributor.talk_over`` is called or his leg ends.
    """

    agent: str
    leg: Leg
    entry: str
    queue: str


@dataclass(frozen=True, slots=True)
class Overflowed:
    """The queue was full, the wait too long or nobody there; ``to`` is the queue's ``overflow_to``. When he was ``due``
    is his place if he is called back.
    """

    to: tuple[str, ...]
    entry: str
    queue: str
    due: float = 0.0


@dataclass(frozen=True, slots=True)
class LeftByKey:
    """The caller pressed one of the queue's exit keys; ``due`` as at ``Overflowed``."""

    key: str
    entry: str
    queue: str
    due: float = 0.0


@dataclass(frozen=True, slots=True)
class WantsCallback:
    """The caller wants to be called back at ``number`` when it is his turn: he is due at ``due``, by somebody who has
    ``skills`` besides those of the queue.
    """

    number: str
    entry: str
    queue: str
    due: float
    skills: tuple[SkillNeed, ...] = ()


@dataclass(frozen=True, slots=True)
class Pulled:
    """Somebody has had the phone of ``agent`` rung for this caller, and it was answered: ``leg``, as at ``Connected``.
    The agent is engaged for the call, as for a direct one, until he is released.
    """

    agent: str
    leg: Leg
    entry: str
    queue: str


Served: TypeAlias = Connected | Overflowed | LeftByKey | WantsCallback | Pulled
