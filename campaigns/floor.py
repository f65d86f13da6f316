"""What a campaign with agents needs to know of them; whoever wires the house looks it up at call distribution."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from campaigns.pacing.state import TalkOver, WrapUpOver


@dataclass(frozen=True, slots=True)
class Crew:
    """The agents of a queue who are on duty: how many are ``free``, since when the others talk (or are rung) and are in
    wrap-up. ``waiting`` people wait for them already, callers and those whom campaigns have called, less those for
    whom a free agent is left out of ``free``. ``queues`` are all from which somebody may be given to them.
    """

    free: int = 0
    talks_since: tuple[float, ...] = ()
    wrap_ups_since: tuple[float, ...] = ()
    waiting: int = 0
    queues: frozenset[str] = frozenset()

    @property
    def agents(self) -> int:
        """All of them."""
        return self.free + len(self.talks_since) + len(self.wrap_ups_since)


class Floor(Protocol):
    """The agents of one campaign's queue."""

    def crew(self) -> Crew:
        """As they are at this moment."""
        ...

    def happened(self) -> tuple[TalkOver | WrapUpOver, ...]:
        """Talks and wrap-ups that have ended since this was last asked, the oldest first."""
        ...

    def watch(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Call ``changed`` when it is worth looking again; the returned function ends that."""
        ...
