"""The pictures of the weekly report: answer rate by day, half hours of the week, waits, and agents' time."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Final

from reports.model import AgentLine, Cell
from reports.pictures import Box, Picture, Shape, Stroke, Words
from reports.weekly import Scope, WeeklyReport

WIDTH: Final = 780.0
GREY: Final = "#d9dde3"
BLUE: Final = "#2f6fb5"
RED: Final = "#d0433c"
INK: Final = "#333333"
QUIET: Final = "#777777"
_DAYS: Final = ("周一 Mon", "周二 Tue", "周三 Wed", "周四 Thu", "周五 Fri", "周六 Sat", "周日 Sun")
_HALF_HOURS: Final = 48
_MOST_AGENTS: Final = 25
"""So many agents in one picture: a page of a document holds it."""
_STATES: Final = (
    ("talking_s", "通话 talking", "#2f6fb5"),
    ("wrap_up_s", "话后 wrap-up", "#e0a13a"),
    ("available_s", "空闲 available", "#62a96b"),
    ("paused_s", "示忙 paused", "#b9bec7"),
)
_LEFT: Final = 70.0
_RATES: Final = ((0.95, "#4f9d5d"), (0.9, "#9bc48a"), (0.8, "#efd27a"), (0.6, "#e8995a"), (0.0, "#d0433c"))
"""The colour of an answer rate: of the first limit that it reaches."""


def share_text(share: float | None, digits: int = 1) -> str:
    """``93.5%``, or a dash where there is nothing to share."""
    return "—" if share is None else f"{100 * share:.{digits}f}%"


def rate_colour(rate: float | None) -> str:
    """From green to red."""
    if rate is None:
        return "#f3f4f6"
    return next(colour for limit, colour in _RATES if rate >= limit)


def days_picture(scope: Scope, monday: date) -> Picture:
    """Offered and answered by day, with the day's answer rate above."""
    by_day = {cell.label[:10]: cell for cell in scope.days.buckets}
    cells = [by_day.get((monday + timedelta(days=day)).isoformat()) for day in range(7)]
    most = max([1, *(cell.counts.offered for cell in cells if cell is not None)])
    height, top, bottom = 190.0, 34.0, 150.0
    step = (WIDTH - _LEFT) / 7
    shapes: list[Shape] = [*_scale(most, top, bottom)]
    for place, cell in enumerate(cells):
        x = _LEFT + place * step
        shapes.append(Words(x + step / 2, bottom + 14, _DAYS[place], 9, INK, "middle"))
        shapes.append(
            Words(x + step / 2, bottom + 27, (monday + timedelta(days=place)).strftime("%m-%d"), 8, QUIET, "middle")
        )
        if cell is None or not cell.counts.offered:
            continue
        counts, rate = cell.counts, cell.rates.answer_rate
        told = f"{cell.label[:10]}: 进线 {counts.offered}, 接通 {counts.answered}, 接通率 {share_text(rate)}"
        for count, colour in ((counts.offered, GREY), (counts.answered, BLUE)):
            tall = (bottom - top) * count / most
            shapes.append(Box(x + 0.2 * step, bottom - tall, 0.6 * step, tall, colour, told))
        tall = (bottom - top) * counts.offered / most
        shapes.append(Words(x + step / 2, bottom - tall - 5, share_text(rate), 11, INK, "middle"))
    shapes += _legend((("进线量 offered", GREY), ("接通 answered", BLUE)))
    return Picture("每日接通率 Answer rate by day", WIDTH, height, tuple(shapes))


def heat_picture(scope: Scope) -> Picture:
    """Each half hour of the week: its answer rate as a colour, and how many were offered."""
    cells: dict[tuple[int, int], Cell] = {}
    for cell in scope.halves.buckets:
        key = _place(cell.label)
        if key not in cells or cells[key].counts.offered < cell.counts.offered:  # clocks went back: the busier one
            cells[key] = cell
    used = [half for _, half in cells]
    first, last = (min(used), max(used) + 1) if used else (16, 40)
    first, last = first // 2 * 2, min(_HALF_HOURS, (last + 1) // 2 * 2)
    step, tall, top = (WIDTH - _LEFT) / (last - first), 20.0, 30.0
    shapes: list[Shape] = []
    for half in range(first, last, 2):
        shapes.append(Words(_LEFT + (half - first) * step, top - 5, f"{half // 2:02}:00", 7, QUIET))
    for day, name in enumerate(_DAYS):
        y = top + day * tall
        shapes.append(Words(4, y + 14, name, 9))
        for half in range(first, last):
            found = cells.get((day, half))
            shapes += _heat_cell(_LEFT + (half - first) * step, y, step, tall, found)
    height = top + 7 * tall + 24
    x = _LEFT
    for limit, colour in _RATES:
        shapes.append(Box(x, height - 14, 10, 10, colour))
        shapes.append(Words(x + 14, height - 5, f"≥ {100 * limit:.0f}%", 8, QUIET))
        x += 62
    shapes.append(Words(x + 6, height - 5, "颜色：接通率，数字：进线量 colour: answer rate, number: offered", 8, QUIET))
    return Picture("星期 × 半小时 Half hours of the week", WIDTH, height, tuple(shapes))


def waits_picture(scope: Scope) -> Picture:
    """How long callers waited, in steps of 10 s: those who were answered and those who gave up."""
    bars = scope.days.total.histogram
    most = max([1, *(bar.answered + bar.abandoned for bar in bars)])
    top, bottom = 34.0, 150.0
    step = (WIDTH - _LEFT) / max(12, len(bars))
    shapes: list[Shape] = [*_scale(most, top, bottom)]
    for place, bar in enumerate(bars):
        x, base = _LEFT + place * step, bottom
        end = "…" if bar.to_s is None else f"{bar.to_s:.0f}"
        told = f"{bar.from_s:.0f}–{end} s: 接通 {bar.answered}, 放弃 {bar.abandoned}"
        for count, colour in ((bar.answered, BLUE), (bar.abandoned, RED)):
            tall = (bottom - top) * count / most
            base -= tall
            if count:
                shapes.append(Box(x + 0.08 * step, base, 0.84 * step, tall, colour, told))
        if place % 6 == 0:
            shapes.append(Words(x, bottom + 13, f"{bar.from_s:.0f} s", 8, QUIET))
    shapes += _legend((("接通 answered", BLUE), ("放弃 abandoned", RED)))
    return Picture("等待时间分布 Waits", WIDTH, 175.0, tuple(shapes))


def agents_pictures(report: WeeklyReport) -> tuple[Picture, ...]:
    """How each agent's time went, the longest on duty first; none where nobody was there."""
    there = [(line, _on_duty_s(line)) for line in report.agents.agents]
    there = sorted((it for it in there if it[1] > 0), key=lambda it: (-it[1], it[0].agent))
    longest = max((on_duty for _, on_duty in there), default=0.0)
    pages = [there[first : first + _MOST_AGENTS] for first in range(0, len(there), _MOST_AGENTS)]
    return tuple(_agents_picture(page, longest, report.agent_name) for page in pages)


def _agents_picture(there: Sequence[tuple[AgentLine, float]], longest: float, name: Callable[[str], str]) -> Picture:
    left, tall, top = 120.0, 16.0, 26.0
    shapes: list[Shape] = [*_legend(tuple((title, colour) for _, title, colour in _STATES))]
    for place, (line, on_duty) in enumerate(there):
        x, y = left, top + place * tall
        shapes.append(Words(left - 6, y + 11, name(line.agent), 8, INK, "end"))
        for key, title, colour in _STATES:
            seconds: float = getattr(line, key)
            width = (WIDTH - left - 60) * seconds / longest
            if width > 0:
                shapes.append(Box(x, y + 2, width, tall - 4, colour, f"{title} {seconds / 3600:.1f} h"))
            x += width
        shapes.append(Words(x + 5, y + 11, f"{on_duty / 3600:.1f} h", 8, QUIET))
    return Picture("坐席工时 Agents' time", WIDTH, top + len(there) * tall + 6, tuple(shapes))


def _on_duty_s(line: AgentLine) -> float:
    return line.talking_s + line.wrap_up_s + line.available_s + line.paused_s


def _place(label: str) -> tuple[int, int]:
    """Day of the week and half hour of the day of a bucket, by its local label."""
    return date.fromisoformat(label[:10]).weekday(), 2 * int(label[11:13]) + int(label[14:16]) // 30


def _heat_cell(x: float, y: float, width: float, height: float, cell: Cell | None) -> list[Shape]:
    if cell is None or not cell.counts.offered:
        return [Box(x + 0.5, y + 0.5, width - 1, height - 1, rate_colour(None))]
    rate, offered = cell.rates.answer_rate, cell.counts.offered
    told = f"{cell.label[:16].replace('T', ' ')}: 进线 {offered}, 接通率 {share_text(rate)}"
    dark = rate is not None and (rate >= 0.95 or rate < 0.6)
    ink = "#ffffff" if dark else INK
    return [
        Box(x + 0.5, y + 0.5, width - 1, height - 1, rate_colour(rate), told),
        Words(x + width / 2, y + height - 6, str(offered), 8, ink, "middle"),
    ]


def _scale(most: int, top: float, bottom: float) -> list[Shape]:
    """The axis of counts: nothing, half, all."""
    shapes: list[Shape] = [Stroke(((_LEFT, bottom), (WIDTH, bottom)), "#999999")]
    for count in sorted({most, most // 2} - {0}):
        y = bottom - (bottom - top) * count / most
        shapes.append(Stroke(((_LEFT, y), (WIDTH, y)), "#eceef1"))
        shapes.append(Words(_LEFT - 6, y + 3, str(count), 8, QUIET, "end"))
    return shapes


def _legend(entries: Sequence[tuple[str, str]]) -> list[Shape]:
    shapes: list[Shape] = []
    x = _LEFT
    for title, colour in entries:
        shapes.append(Box(x, 4, 10, 10, colour))
        shapes.append(Words(x + 14, 13, title, 9, QUIET))
        x += 110
    return shapes
