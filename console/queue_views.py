"""What the API tells of a queue: whether it takes callers, who is there, and where others go."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class QueueStateView:
    """A queue now. ``status`` is open, closed or holiday by ``hours`` ("": always open); ``opens_at`` when it opens
    next (None: it is open, or that is not known). ``refuses`` says why a caller without wishes of his own could not
    enter: "", closed, holiday, full, unattended or gone. Of its ``agents`` some are ``signed_in`` with a phone, of
    those some ``on_duty``, of those some ``free``. ``overflow``, ``closed`` and ``keys`` are as configured.
    """

    id: str
    title: str
    status: str
    refuses: str
    hours: str
    opens_at: float | None
    waiting: int
    agents: int
    signed_in: int
    on_duty: int
    free: int
    enter_while: str
    stay_while: str
    overflow: list[str]
    closed: list[str]
    keys: list[str]


@dataclass(frozen=True, slots=True)
class QueueHoursView:
    """Whether a queue is open by its hours, for everybody: fields as at ``QueueStateView``."""

    id: str
    title: str
    status: str
    opens_at: float | None


class QueueDesk(Protocol):
    """Queues as they stand."""

    def queues(self) -> Sequence[QueueStateView]:
        """Each, in the order of the configuration."""
        ...
