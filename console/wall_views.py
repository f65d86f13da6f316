"""What a wall screen shows: counts and shares by queue, and alarms. No numbers of callers, no names of people."""

from dataclasses import dataclass

from console.live_views import AlarmLive
from console.views import Figure


@dataclass(frozen=True, slots=True)
class WallQueue:
    """One queue now ("" for all): who waits and ``since`` when the first does, what its agents do, and the figures of
    today; ``threshold_s`` is T of its service level, None where queues of different T are together.
    """

    id: str
    title: str
    waiting: int
    since: float | None
    free: int
    talking: int
    wrap_up: int
    paused: int
    figures: dict[str, Figure]
    threshold_s: float | None


@dataclass(frozen=True, slots=True)
class WallBoard:
    """All of it ``at`` epoch seconds. ``counted`` says whether the day has been counted yet; an answer rate below
    ``answer_rate_target`` is shown as bad, a wait longer than ``late_wait_s`` as late.
    """

    at: float
    zone: str
    answer_rate_target: float
    late_wait_s: float
    counted: bool
    total: WallQueue
    queues: list[WallQueue]
    alarms: list[AlarmLive]


@dataclass(frozen=True, slots=True)
class WallKeyView:
    """A key that was made for the screen ``name``, by whom and when; the key itself is not kept."""

    id: str
    name: str
    by: str
    made_at: float


@dataclass(frozen=True, slots=True)
class NewWallKey:
    """A new one; ``key`` is told only here."""

    id: str
    name: str
    key: str
