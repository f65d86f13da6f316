"""Cells of a report that are made when they are read."""

from collections.abc import Sequence
from typing import overload

from reports.cuts import Cut
from reports.levels import Level
from reports.model import By, Cell, ReportQuery
from reports.packed_rows import Ints


class Cells(Sequence[Cell]):
    """The groups ``picked`` of ``level``: by bucket of ``cut``, and in each by ``names`` with their T."""

    def __init__(
        self,
        level: Level,
        picked: Ints,
        cut: Cut,
        names: Sequence[str],
        thresholds: Sequence[float | None],
        query: ReportQuery,
    ) -> None:
        self._level = level
        self._picked = picked
        self._cut = cut
        self._names = names
        self._thresholds = thresholds
        self._query = query

    def __len__(self) -> int:
        return len(self._picked)

    @overload
    def __getitem__(self, place: int) -> Cell: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Cell]: ...
    def __getitem__(self, place: int | slice) -> Cell | Sequence[Cell]:
        if isinstance(place, slice):
            return [self._cell(group) for group in self._picked[place].tolist()]
        return self._cell(int(self._picked[place]))

    def _cell(self, group: int) -> Cell:
        level, query = self._level, self._query
        bucket, column = divmod(group, len(self._names))
        name, by_line = self._names[column], query.by is By.LINE
        since, until = self._cut.span(bucket) or (query.since, query.until)
        counts = level.counts(group)
        answered = level.answered_waits(group)
        return Cell(
            queue=query.queue if by_line else name or query.queue,
            line=(name or query.line) if by_line else query.line,
            since=since,
            until=until,
            label=self._cut.label(bucket),
            threshold_s=self._thresholds[column],
            counts=counts,
            rates=level.rates(group, counts),
            asa_s=answered.mean_s,
            answered_waits=answered,
            abandoned_waits=level.abandoned_waits(group),
            histogram=level.histogram(group) if query.histograms else (),
        )
