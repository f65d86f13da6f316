"""What the scheduler wants done, in order. The driver acts on each; tests and the simulator read them."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple, TypeAlias

from core.events import Fact

made: Final = tuple.__new__
"""Makes a named tuple of its type and fields: its own ``__new__`` does nothing but call this one, at twice the cost."""


class OverflowWhy(StrEnum):
    """Why a caller overflowed."""

    FULL = "full"  # as many wait as may
    MAX_WAIT = "max_wait"
    UNATTENDED = "unattended"  # the agents that the queue's rules ask for are not there
    GONE = "gone"  # the queue was taken out of the configuration, and its agents with it
    MOVED = "moved"  # a supervisor has sent him to another queue


class Ring(NamedTuple):
    """Ring ``agent`` for ``entry``, at most ``timeout_s``; say how it went with ``answered`` or ``missed``.

    ``alone``: no other agent is rung for this caller at the same time.
    """

    offer: str
    agent: str
    entry: str
    call_id: str
    queue: str
    timeout_s: float
    alone: bool = True


@dataclass(frozen=True, slots=True)
class StopRinging:
    """The offer is off: stop ringing ``agent``. An answer that comes all the same is late and must be hung up.

    ``taken``: somebody else has answered, so this is no call that he has missed.
    """

    offer: str
    agent: str
    taken: bool = False


@dataclass(frozen=True, slots=True)
class Overflow:
    """The entry has ended; the caller goes ``to`` the queue's overflow, the first step first. He was ``due`` then."""

    entry: str
    to: tuple[str, ...]
    why: OverflowWhy = OverflowWhy.MAX_WAIT
    due: float = field(default=0.0, compare=False)


class Note(NamedTuple):
    """A fact for the log, in call ``call_id`` ("" where it concerns an agent only). A tuple: there are many of them."""

    call_id: str
    fact: Fact


Decision: TypeAlias = Ring | StopRinging | Overflow | Note
