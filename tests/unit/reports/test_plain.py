"""Reports against the plain computation: each cell's entries in a list, and every figure worked out from that."""

import math
import random
from collections.abc import Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from core.errors import ParseError
from reports import packed_rows, records
from reports.buckets import bucket_start, label_of, week_hour_label, week_hour_of
from reports.columns import OUTCOMES, Entries
from reports.figures import Figure, figures
from reports.half_hours import HALF_HOUR_S, Kept, cells_of, packed
from reports.model import Bucket, By, Cell, ReportQuery
from reports.queues import queue_report
from reports.rows import EntryRow

T0 = 1_772_380_800.0  # midnight in Shanghai
ZONE = ZoneInfo("Asia/Shanghai")
DAYS = 3
QUERY = ReportQuery(T0 + 1000.0, T0 + DAYS * 86_400.0 - 500.0, thresholds=(("parts", 10.0),))


def made(seed: int) -> list[EntryRow]:
    """Entries of three queues and two lines that end in every way; many wait equally long, some for hours."""
    chance = random.Random(seed)
    rows = []
    for number in range(600):
        outcome = chance.choices(OUTCOMES, [60, 20, 3, 3, 4, 5, 5])[0]
        wait_s = chance.choice([0.0, 4.9, 5.0, 10.0, 20.0, 21.0, chance.expovariate(1 / 30), chance.uniform(0, 9000)])
        rows.append(
            EntryRow(
                f"q-{number}",
                f"c-{number}",
                chance.choice(["parts", "sales", "service"]),
                T0 + chance.random() * DAYS * 86_400.0,
                outcome,
                wait_s if outcome else None,
                line=chance.choice(["4001", "4002"]),
            )
        )
    return rows


def kept_and_rest(rows: Sequence[EntryRow], query: ReportQuery) -> tuple[Kept, list[EntryRow]]:
    """Four half hours of five are kept, those at the ends of the period never; the others' entries."""
    first, last = math.ceil(query.since / HALF_HOUR_S), math.floor(query.until / HALF_HOUR_S)
    starts = [HALF_HOUR_S * number for number in range(first, last) if number % 5]
    entries = Entries.of(rows)
    cells = {cell: number for number, cell in enumerate(cells_of(entries), 3)}
    parts = [half.lines if query.with_lines else half.queues for half in packed(entries, starts, cells)]
    names = {number: cell for cell, number in cells.items()}
    groups, tallies = [part.groups for part in parts], [part.tallies for part in parts]
    kept = Kept.of(starts, groups, tallies, names, with_lines=query.with_lines)
    return kept, [row for row in rows if row.entered_at // HALF_HOUR_S * HALF_HOUR_S not in starts]


def plain(rows: Sequence[EntryRow], query: ReportQuery) -> dict[str, Figure]:
    """The figures of ``rows`` by the formulas of ``reports.formulas``."""

    def waits(*outcomes: str) -> list[float]:
        return sorted(row.wait_s or 0.0 for row in rows if row.outcome in outcomes)

    def count(*outcomes: str, early: bool = False) -> int:
        mine = [row for row in rows if row.outcome in outcomes]
        return sum(not early or (row.wait_s or 0.0) <= query.threshold_of(row.queue) for row in mine)

    def part(some: int, of: int) -> float | None:
        return some / of if of else None

    def percentile(some: Sequence[float], percent: int) -> float | None:
        """By nearest rank, rounded up to the step of its length, at most the longest."""
        if not some:
            return None
        found = some[math.ceil(percent * len(some) / 100) - 1]
        step = 1 if found < 600 else 10 if found < 3600 else 60
        return min(math.ceil(found / step) * step, some[-1])

    answered, gone = waits("answered"), waits("abandoned", "interrupted")
    gave_up = len(gone)
    short = sum(wait_s < query.short_s for wait_s in waits("abandoned"))
    early, early_gone = count("answered", early=True), count("abandoned", "interrupted", early=True)
    offered, left = len(rows), count("left_by_key")
    found: dict[str, Figure] = {
        "offered": offered,
        "answered": len(answered),
        "abandoned": gave_up,
        "short_abandons": short,
        "interrupted": count("interrupted"),
        "overflowed": count("overflowed"),
        "called_back": count("called_back"),
        "left_by_key": left,
        "waiting": count(""),
        "answer_rate": part(len(answered), offered),
        "answer_rate_without_short": part(len(answered), offered - short),
        "answer_rate_without_key": part(len(answered), offered - left),
        "abandon_rate": part(gave_up, offered),
        "abandon_rate_without_short": part(gave_up - short, offered - short),
        "service_level_a": part(early, len(answered)),
        "service_level_b": part(early, offered),
        "service_level_c": part(early, len(answered) + gave_up - early_gone),
        "service_level_d": part(early + early_gone, len(answered) + gave_up),
        "asa_s": pytest.approx(sum(answered) / len(answered)) if answered else None,
    }
    for name, some in (("answered", answered), ("abandoned", gone)):
        found |= {f"{name}_p{percent}_s": percentile(some, percent) for percent in (50, 80, 90, 95)}
        found[f"{name}_max_s"] = some[-1] if some else None
    return found


def label(at: float, query: ReportQuery) -> str:
    if query.bucket is Bucket.WEEK_HOUR:
        return week_hour_label(week_hour_of(at, ZONE))
    start = query.since if query.bucket is Bucket.TOTAL else bucket_start(at, query.bucket, ZONE)
    return label_of(max(start, query.since), ZONE)


def shown(cells: Sequence[Cell], by: By) -> dict[tuple[str, str], dict[str, Figure]]:
    return {(cell.label, cell.line if by is By.LINE else cell.queue): figures(cell) for cell in cells}


@pytest.mark.parametrize(("batch", "dense"), [(records.BATCH, packed_rows._DENSE), (16, 0), (40, 1_000)])
@pytest.mark.parametrize("bucket", [Bucket.HALF_HOUR, Bucket.HOUR, Bucket.DAY, Bucket.WEEK_HOUR, Bucket.TOTAL])
def test_every_figure_is_the_plain_one(bucket: Bucket, batch: int, dense: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "BATCH", batch)
    monkeypatch.setattr(packed_rows, "_DENSE", dense)
    monkeypatch.setattr(packed_rows, "_PIECE", batch)
    rows = made(len(bucket.value) + batch)
    for query in (
        replace(QUERY, bucket=bucket),
        replace(QUERY, bucket=bucket, by=By.LINE),
        replace(QUERY, bucket=bucket, queue="parts"),
        replace(QUERY, bucket=bucket, by=By.LINE, queue="sales", line="4002"),
    ):
        mine = [
            row
            for row in rows
            if query.since <= row.entered_at < query.until
            and query.queue in ("", row.queue)
            and query.line in ("", row.line)
        ]
        kept, rest = kept_and_rest(rows, query)
        report = queue_report(query, rest, T0, kept)
        cells: dict[tuple[str, str], list[EntryRow]] = {}
        buckets: dict[str, list[EntryRow]] = {}
        for row in mine:
            at = label(row.entered_at, query)
            cells.setdefault((at, row.line if query.by is By.LINE else row.queue), []).append(row)
            buckets.setdefault(at, []).append(row)
        assert shown(report.cells, query.by) == {key: plain(some, query) for key, some in cells.items()}
        found = {cell.label: figures(cell) for cell in report.buckets if cell.counts.offered}
        assert found == {at: plain(some, query) for at, some in buckets.items()}
        assert figures(report.total) == plain(mine, query)
        waits = [row.wait_s or 0.0 for row in mine if row.outcome == "answered"]
        steps = [sum(it.from_s <= wait_s < (it.to_s or math.inf) for wait_s in waits) for it in report.total.histogram]
        assert [it.answered for it in report.total.histogram] == steps


def test_half_hours_by_queue_do_not_answer_for_lines() -> None:
    rows = made(1)
    kept, rest = kept_and_rest(rows, QUERY)
    for query in (replace(QUERY, by=By.LINE), replace(QUERY, line="4001")):
        with pytest.raises(ParseError, match="lines"):
            queue_report(query, rest, T0, kept)


def test_figures_are_the_same_without_histograms() -> None:
    rows = made(2)
    whole, bare = (queue_report(replace(QUERY, histograms=wanted), rows, T0) for wanted in (True, False))
    assert [replace(cell, histogram=()) for cell in whole.cells] == list(bare.cells)
    assert bare.total == whole.total
