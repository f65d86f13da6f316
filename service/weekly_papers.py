"""The weekly reports that were written, as the console lists and hands them out."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from console.weekly_ports import PaperKind, WeeklyPaper
from core.errors import ParseError
from reports.weeks import Week, parse_week
from service.weekly_plan import paper_at

KINDS: Final[tuple[PaperKind, ...]] = ("html", "pdf")
MOST: Final = 520
"""So many weeks are listed: ten years."""
_HEADLINE: Final = 300


class ConsoleWeekly:
    """``console.weekly_ports.WeeklyPapers`` over ``folder()``, which a reload may change."""

    def __init__(self, folder: Callable[[], Path]) -> None:
        self._folder = folder

    def written(self) -> Sequence[WeeklyPaper]:
        """See the port. What else lies in the folder is left alone."""
        folder = self._folder()
        weeks = {week for kind in KINDS for path in folder.glob(f"line400-*.{kind}") if (week := _week_of(path))}
        papers = (_paper(folder, week) for week in sorted(weeks, reverse=True)[:MOST])
        return [paper for paper in papers if paper is not None]

    def file(self, week: Week, kind: PaperKind) -> Path | None:
        """See the port."""
        path = paper_at(self._folder(), week, kind)
        return path if path.is_file() else None


def _week_of(path: Path) -> Week | None:
    try:
        week = parse_week(path.stem.removeprefix("line400-"))
    except ParseError:
        return None
    return week if path == paper_at(path.parent, week, path.suffix[1:]) else None


def _paper(folder: Path, week: Week) -> WeeklyPaper | None:
    """None where it has been taken away since it was looked for."""
    made_at, kinds = 0.0, list[PaperKind]()
    for kind in KINDS:
        try:
            made_at = max(made_at, paper_at(folder, week, kind).stat().st_mtime)
        except OSError:
            continue
        kinds.append(kind)
    if not kinds:
        return None
    return WeeklyPaper(str(week), str(week.monday), str(week.sunday), made_at, kinds, _headline(folder, week))


def _headline(folder: Path, week: Week) -> str:
    try:
        with paper_at(folder, week, "txt").open(encoding="utf-8", errors="replace") as file:
            return file.readline(_HEADLINE).strip()
    except OSError:
        return ""
