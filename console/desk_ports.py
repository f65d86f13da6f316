"""What the console needs of other rooms for the time after talks and for test calls, by the rules of
``console.ports``.
"""

from collections.abc import Collection, Sequence
from typing import Protocol

from campaigns.probe import ProbeRun
from console.desk_views import ProbeView
from desk.tasks import ALL_TASKS, Task, Whose
from reports.ratings import RatingReport


class Desk(Protocol):
    """Tasks and ratings (``store.desk`` fits)."""

    async def tasks(self, *, closed: bool, limit: int, offset: int = 0, whose: Whose = ALL_TASKS) -> Sequence[Task]:
        """Open ones, the oldest first; or closed ones, the newest first."""
        ...

    async def open_tasks(self, whose: Whose = ALL_TASKS) -> int:
        """How many are open."""
        ...

    async def task(self, task: str) -> Task | None:
        """The one that is named so."""
        ...

    async def give_task(self, task: str, owner: str, by: str, only: Collection[str] | None = None) -> Task | None:
        """``by`` says that ``owner`` looks after it ("": nobody any more); ``LocalProtocolError`` where it is closed or
        has an owner who is none of ``only``.
        """
        ...

    async def close_task(self, task: str, by: str, note: str) -> Task | None:
        """``by`` has done it; the task as it is then."""
        ...

    async def ratings(self, since: float, until: float) -> RatingReport:
        """What callers said who were asked in [``since``, ``until``)."""
        ...


class ProbeRuns(Protocol):
    """Test calls that were made (``store.probes`` fits)."""

    async def runs(self, since: float, until: float, *, limit: int) -> Sequence[ProbeRun]:
        """Those that began in [``since``, ``until``), the newest first."""
        ...


class ProbeControl(Protocol):
    """Test calls to our own number."""

    def probes(self) -> Sequence[ProbeView]:
        """Each that is configured, in that order."""
        ...

    def start(self, probe: str, by: str) -> str:
        """Call now; the run's id. ``LocalProtocolError`` where that cannot be."""
        ...
