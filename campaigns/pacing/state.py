"""What a pacer is told: the floor as it stands, and what has happened since it was last asked. Times in seconds."""

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class RingOver:
    """A call stopped ringing after ``ring_s``: a ``person`` answered, or anything else (busy, machine, nobody)."""

    ring_s: float
    person: bool


@dataclass(frozen=True, slots=True)
class Reached:
    """A person who answered was given an agent, or ``abandoned``: none within 2 s of the end of the greeting."""

    abandoned: bool


@dataclass(frozen=True, slots=True)
class TalkOver:
    """An agent talked for ``talk_s``, hold included."""

    talk_s: float


@dataclass(frozen=True, slots=True)
class WrapUpOver:
    """An agent was in wrap-up for ``wrap_up_s``."""

    wrap_up_s: float


Happened: TypeAlias = RingOver | Reached | TalkOver | WrapUpOver


@dataclass(frozen=True, slots=True)
class State:
    """The floor of one campaign: ``free`` agents; since when the others talk or are in wrap-up (paused agents are not
    here); since when calls ring; how many people have answered and are ``waiting`` for an agent.
    """

    free: int
    talks_since: tuple[float, ...] = ()
    wrap_ups_since: tuple[float, ...] = ()
    ringing_since: tuple[float, ...] = ()
    waiting: int = 0
    happened: tuple[Happened, ...] = ()

    @property
    def agents(self) -> int:
        """All who take calls of this campaign."""
        return self.free + len(self.talks_since) + len(self.wrap_ups_since)
