"""The weekly report as what stands on paper: headlines, then parts of tables and pictures. Page and document show the
same.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from core.numbers import mask
from reports.abandoned import FOLLOW_FORMULAS, Followed, follow_up
from reports.buckets import zone_of
from reports.figures import Figure, figures
from reports.formulas import AGENT_FORMULAS, QUEUE_FORMULAS, Formula, filled
from reports.model import Cell
from reports.pictures import Picture
from reports.probes import PROBE_FORMULAS
from reports.ratings import RATING_FORMULAS, Ratings
from reports.render import shown
from reports.tables import Column, Table, agent_table
from reports.weekly import QueueWeek, Scope, WeeklyReport, queue_weeks, worst_half_hours
from reports.weekly_pictures import agents_pictures, days_picture, heat_picture, waits_picture

WORST: Final = 10
"""So many half hours are named."""
AT_LEAST: Final = 5
"""Half hours with fewer callers are not named."""
MOST_LOST: Final = 50
"""So many callers are listed whom nobody has reached."""
UNITS: Final = "时长单位：秒 times in seconds"
NOW: Final = "本周 week"
BEFORE: Final = "上周 before"
_COUNTS: Final = (
    "offered", "answered", "abandoned", "short_abandons", "interrupted", "overflowed", "called_back", "left_by_key",
    "waiting",
)  # fmt: skip
_RATES: Final = (
    "answer_rate", "answer_rate_without_short", "answer_rate_without_key", "abandon_rate",
    "abandon_rate_without_short", "service_level_a", "service_level_b", "service_level_c", "service_level_d",
)  # fmt: skip
_WAITS: Final = tuple(formula.key for formula in QUEUE_FORMULAS if formula.unit == "s")
_WORST_KEYS: Final = ("offered", "answered", "abandoned", "answer_rate", "service_level_b", "asa_s")
_HEADLINES: Final = ("answer_rate", "offered", "service_level_b", "asa_s", "abandoned")
_BY_KEY: Final = {formula.key: formula for formula in QUEUE_FORMULAS}


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure in large: the week's and that of the week before."""

    zh: str
    en: str
    now: str
    before: str


@dataclass(frozen=True, slots=True)
class Headline:
    """The large figures of one queue or of all (``name``)."""

    name: str
    tiles: tuple[Tile, ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A part under its own heading; ``note`` says what a reader must know of it."""

    zh: str
    en: str
    tables: tuple[Table, ...] = ()
    pictures: tuple[Picture, ...] = ()
    note: str = ""


def headlines(report: WeeklyReport) -> tuple[Headline, ...]:
    """Of each scope."""
    return tuple(_headline(report, scope) for scope in report.scopes)


def parts(report: WeeklyReport) -> tuple[Part, ...]:
    """All of them, in their order."""
    return (
        *_queue_parts(report),
        *(part for scope in report.scopes for part in _picture_parts(report, scope)),
        _worst_part(report),
        _agents_part(report),
        _abandoned_part(report),
        _ratings_part(report),
        _probes_part(report),
    )


def _headline(report: WeeklyReport, scope: Scope) -> Headline:
    now, before = figures(scope.days.total), figures(scope.before.total)
    formulas = [_formula(report, key) for key in _HEADLINES]
    tiles = [Tile(it.zh, it.en, shown(now[it.key], it.unit), shown(before[it.key], it.unit)) for it in formulas]
    return Headline(report.queue_title(scope.queue), tuple(tiles))


def _formula(report: WeeklyReport, key: str) -> Formula:
    first = report.scopes[0].days
    shared = {scope.days.total.threshold_s for scope in report.scopes}
    threshold_s = first.total.threshold_s if len(shared) == 1 else None
    return filled(_BY_KEY[key], threshold_s=threshold_s, short_s=first.query.short_s)


def _queue_parts(report: WeeklyReport) -> tuple[Part, ...]:
    weeks = queue_weeks(report)
    return (
        Part("队列：进线与结果", "Queues: offered and what became of them", (_queue_table(report, weeks, _COUNTS),)),
        Part("队列：比率", "Queues: rates", (_queue_table(report, weeks, _RATES, with_threshold=True),)),
        Part("队列：等待", "Queues: waits", (_queue_table(report, weeks, _WAITS),)),
    )


def _queue_table(
    report: WeeklyReport, weeks: Iterable[QueueWeek], keys: Sequence[str], *, with_threshold: bool = False
) -> Table:
    formulas = tuple(_formula(report, key) for key in keys)
    extra = (Column("threshold_s", "T", "T", "s"),) if with_threshold else ()
    lines: list[tuple[str | Figure, ...]] = []
    for week in weeks:
        name = report.queue_title(week.queue)
        for when, cell in ((NOW, week.now), (BEFORE, week.before)):
            more = (cell.threshold_s if cell is not None else None,) if with_threshold else ()
            lines.append((name if when == NOW else "", when, *_values(cell, formulas), *more))
    first = (Column("queue", "队列", "queue", "text"), Column("week", "周", "week", "text"))
    return Table("", (*first, *_columns(formulas), *extra), tuple(lines), formulas)


def _values(cell: Cell | None, formulas: Iterable[Formula]) -> list[Figure]:
    known = {} if cell is None else figures(cell)
    return [known.get(formula.key) for formula in formulas]


def _columns(formulas: Iterable[Formula]) -> tuple[Column, ...]:
    return tuple(Column(formula.key, formula.zh, formula.en, formula.unit) for formula in formulas)


def _picture_parts(report: WeeklyReport, scope: Scope) -> tuple[Part, ...]:
    of = report.queue_title(scope.queue)
    pictures = (days_picture(scope, report.week.monday), heat_picture(scope), waits_picture(scope))
    titles = (
        ("每日接通率", "Answer rate by day"),
        ("星期 × 半小时", "Half hours of the week"),
        ("等待时间分布", "Waits"),
    )
    return tuple(
        Part(f"{zh}（{of}）", en, pictures=(picture,)) for (zh, en), picture in zip(titles, pictures, strict=True)
    )


def _worst_part(report: WeeklyReport) -> Part:
    formulas = tuple(_formula(report, key) for key in _WORST_KEYS)
    zone = zone_of(report.zone)
    lines = tuple(
        (
            f"{datetime.fromtimestamp(cell.since, zone):%m-%d %H:%M}",
            report.queue_title(cell.queue),
            *_values(cell, formulas),
        )
        for cell in worst_half_hours(report, at_least=AT_LEAST, most=WORST)
    )
    columns = (Column("from", "半小时", "half hour", "text"), Column("queue", "队列", "queue", "text"))
    note = f"进线 ≥ {AT_LEAST} 的半小时，按接通率从低到高。Half hours with at least {AT_LEAST} offered, by answer rate."
    table = Table("", (*columns, *_columns(formulas)), lines, formulas)
    return Part("最差的半小时", "Worst half hours", (table,), note=note)


def _agents_part(report: WeeklyReport) -> Part:
    table = agent_table(report.agents)
    lines = tuple((report.agent_name(str(agent)), *rest) for agent, *rest in table.lines)
    named = Table("", table.columns, lines, AGENT_FORMULAS)
    return Part("坐席", "Agents", (named,), agents_pictures(report))


def _abandoned_part(report: WeeklyReport) -> Part:
    zone = zone_of(report.zone)
    counted = follow_up(report.followed)
    figures_of: tuple[Figure, ...] = tuple(getattr(counted, formula.key) for formula in FOLLOW_FORMULAS)
    lost = [it for it in report.followed if it.contact is None]
    columns = (
        Column("entered", "进入队列", "entered", "text"),
        Column("number", "号码", "number", "text"),
        Column("queue", "队列", "queue", "text"),
        Column("wait_s", "等待", "wait", "s"),
    )

    def line(it: Followed) -> tuple[str | Figure, ...]:
        gone = it.abandoned
        number = gone.number if report.whole_numbers else mask(gone.number)
        entered = f"{datetime.fromtimestamp(gone.entered_at, zone):%m-%d %H:%M}"
        return entered, number or "隐藏 hidden", report.queue_title(gone.queue), gone.wait_s

    tables = (
        Table("", _columns(FOLLOW_FORMULAS), (figures_of,), FOLLOW_FORMULAS),
        Table("", columns, tuple(line(it) for it in lost[:MOST_LOST]), ()),
    )
    note = "下表：尚无人联系的来电人，最近的在前。Below: callers nobody has reached yet, the newest first."
    if len(lost) > MOST_LOST:
        note += f" 共 {len(lost)}，列出 {MOST_LOST} 条。{MOST_LOST} of {len(lost)} are listed."
    return Part("放弃的来电", "Abandoned callers", tables, note=note)


def _ratings_part(report: WeeklyReport) -> Part:
    named = [("全部 All", NOW, report.ratings.total), ("", BEFORE, report.ratings_before.total)]
    named += [(report.queue_title(it.name), NOW, it) for it in report.ratings.queues]
    named += [(report.agent_name(it.name), NOW, it) for it in report.ratings.agents]
    columns = (Column("name", "名称", "name", "text"), Column("week", "周", "week", "text"))
    lines = tuple((name, when, *_rated(it)) for name, when, it in named)
    table = Table("", (*columns, *_columns(RATING_FORMULAS)), lines, RATING_FORMULAS)
    return Part("满意度", "Ratings", (table,))


def _rated(ratings: Ratings) -> tuple[Figure, ...]:
    return tuple(getattr(ratings, formula.key) for formula in RATING_FORMULAS)


def _probes_part(report: WeeklyReport) -> Part:
    columns = (Column("probe", "拨测", "test calls", "text"), *_columns(PROBE_FORMULAS))
    lines = tuple(
        (it.probe or "全部 All", *(getattr(it, formula.key) for formula in PROBE_FORMULAS)) for it in report.probes
    )
    return Part("拨测", "Test calls", (Table("", columns, lines, PROBE_FORMULAS),))
