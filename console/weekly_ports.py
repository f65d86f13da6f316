"""What the console needs of weekly reports, by the rules of ``console.ports``."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

from reports.weeks import Week

PaperKind: TypeAlias = Literal["html", "pdf"]


@dataclass(frozen=True, slots=True)
class WeeklyPaper:
    """The report of ``week`` (2026-W46, from its ``monday`` to its ``sunday``) as it was written at ``made_at`` (epoch
    seconds), in these ``kinds``; ``headline`` is the subject of its mail, "" where that is not there.
    """

    week: str
    monday: str
    sunday: str
    made_at: float
    kinds: list[PaperKind]
    headline: str


class WeeklyPapers(Protocol):
    """The reports that lie in the folder. Both read the disk: call them in a thread."""

    def written(self) -> Sequence[WeeklyPaper]:
        """All of them, the newest week first."""
        ...

    def file(self, week: Week, kind: PaperKind) -> Path | None:
        """Where one lies; None where it does not."""
        ...
