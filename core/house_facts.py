"""What becomes true of the house as a whole."""

from dataclasses import dataclass

from core.events import Fact, fact


@fact("config.reloaded")
@dataclass(frozen=True, slots=True)
class ConfigReloaded(Fact):
    """The configuration was read again by wish of ``by``. ``changed`` holds from now on; ``waiting`` only after the
    next start. Keys and names, no values.
    """

    by: str
    changed: tuple[str, ...]
    waiting: tuple[str, ...]


@fact("weekly_report.made")
@dataclass(frozen=True, slots=True)
class WeeklyReportMade(Fact):
    """The report of ``week`` (2026-W46) lies in ``files``."""

    week: str
    files: tuple[str, ...]


@fact("weekly_report.mailed")
@dataclass(frozen=True, slots=True)
class WeeklyReportMailed(Fact):
    """The mail server has taken it for ``taken`` addresses, and ``refused`` others."""

    week: str
    taken: int
    refused: int


@fact("weekly_report.failed")
@dataclass(frozen=True, slots=True)
class WeeklyReportFailed(Fact):
    """Time after time, now the ``tries``-th: it could not be made or mailed (``step``), for ``fault``; it is tried
    again.
    """

    week: str
    step: str
    fault: str
    tries: int


@fact("wall.key_made")
@dataclass(frozen=True, slots=True)
class WallKeyMade(Fact):
    """``by`` made a key that opens the wall board on ``screen``."""

    screen: str
    by: str


@fact("wall.key_removed")
@dataclass(frozen=True, slots=True)
class WallKeyRemoved(Fact):
    """``by`` took it back."""

    screen: str
    by: str
