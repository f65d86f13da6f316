"""Reads the lines in which a configuration writes opening hours.

``open``: ``mon-fri 08:30-20:00``, ``sat,sun 09:00-12:00 13:30-18:00``, ``fri-sat 20:00-02:00`` (over midnight),
``daily 00:00-24:00``; days also as 周一至周五, 每天. ``extra_open``: ``2026-10-03`` (usual hours) or
``2026-10-03 10:00-16:00``. ``extra_closed``: ``2026-02-14``. Dates may be ranges: ``2026-02-14..2026-02-20``.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from core.errors import ConfigError
from ivr.hours import MINUTES_A_DAY, Hours, Span

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CHINESE_DAYS: Final = str.maketrans({"一": "mon", "二": "tue", "三": "wed", "四": "thu", "五": "fri", "六": "sat"})
_SPAN: Final = re.compile(r"(\d{1,2})[:：](\d{2})\s*[-–至]\s*(\d{1,2})[:：](\d{2})")
_DATES: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(?:\.\.(\d{4}-\d{2}-\d{2}))?")
_MAX_RANGE_DAYS: Final = 366


class _LineError(Exception):
    """One line cannot be read; the text says why and how to mend it."""


def parse_hours(
    open_lines: Sequence[str],
    *,
    zone: str = "Asia/Shanghai",
    holidays: str = "CN",
    extra_open: Sequence[str] = (),
    extra_closed: Sequence[str] = (),
) -> Hours:
    """The opening hours that the lines describe; ``ConfigError`` names every line that cannot be read."""
    faults: list[str] = []
    week: list[list[Span]] = [[] for _ in _DAYS]
    opened: dict[date, tuple[Span, ...]] = {}
    closed: set[date] = set()
    for line in open_lines:
        try:
            days, spans = _week_line(line)
        except _LineError as fault:
            faults.append(f"open {line!r}: {fault}")
            continue
        for day in days:
            week[day].extend(spans)
    for line in extra_open:
        try:
            head, _, tail = line.strip().partition(" ")
            spans = _spans(tail) if tail.strip() else ()
            opened.update(dict.fromkeys(_dates(head), spans))
        except _LineError as fault:
            faults.append(f"extra_open {line!r}: {fault}")
    for line in extra_closed:
        try:
            closed.update(_dates(line.strip()))
        except _LineError as fault:
            faults.append(f"extra_closed {line!r}: {fault}")
    if holidays not in ("CN", ""):
        faults.append(f'holidays {holidays!r}: unknown; write "CN" (Chinese public holidays) or "" (none)')
    try:
        place = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        faults.append(f"zone {zone!r}: no such time zone; write a name such as Asia/Shanghai")
    if faults:
        raise ConfigError(faults)
    return Hours(
        week=tuple(tuple(sorted(spans)) for spans in week),
        zone=place,
        chinese_holidays=holidays == "CN",
        extra_open=opened,
        extra_closed=frozenset(closed),
    )


def _week_line(line: str) -> tuple[list[int], tuple[Span, ...]]:
    first = re.search(r"\d", line)
    if first is None:
        raise _LineError('no times; write for example "mon-fri 08:30-20:00"')
    days = list(_week_days(line[: first.start()]))
    return days, _spans(line[first.start() :])


def _week_days(text: str) -> Iterator[int]:
    text = text.strip().lower()
    if text in ("", "daily", "每天", "每日"):
        yield from range(7)
        return
    text = re.sub(r"周|星期|礼拜", "", text).replace("日", "sun").replace("天", "sun").translate(_CHINESE_DAYS)
    for part in re.split(r"[,，、\s]+", text):
        first, _, last = re.sub(r"[–至到]", "-", part).partition("-")
        start = _day(first)
        end = _day(last) if last else start
        yield from ((start + step) % 7 for step in range((end - start) % 7 + 1))


def _day(text: str) -> int:
    name = text.strip()[:3]
    if name not in _DAYS:
        raise _LineError(f"{text.strip()!r} is no day; use {', '.join(_DAYS)}, daily or 周一 to 周日")
    return _DAYS.index(name)


def _spans(text: str) -> tuple[Span, ...]:
    spans = []
    for part in re.split(r"[,，、\s]+", re.sub(r"\s*([-–至])\s*", r"\1", text.strip())):
        found = _SPAN.fullmatch(part)
        if found is None:
            raise _LineError(f'{part!r} is no time span; write for example "08:30-20:00"')
        start_h, start_m, end_h, end_m = map(int, found.groups())
        start, end = start_h * 60 + start_m, end_h * 60 + end_m
        if max(start_m, end_m) > 59 or start >= MINUTES_A_DAY or end > MINUTES_A_DAY:
            raise _LineError(f"{part!r} is beyond the clock; times go from 00:00 to 24:00")
        if start == end:
            raise _LineError(f"{part!r} is empty; for the whole day write 00:00-24:00")
        spans.append(Span(start, end if end > start else end + MINUTES_A_DAY))
    return tuple(spans)


def _dates(text: str) -> Iterator[date]:
    found = _DATES.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        first = date.fromisoformat(found[1])
        last = date.fromisoformat(found[2] or found[1])
    except ValueError:
        raise _LineError(f"{text!r} is no date; write 2026-10-01 or 2026-10-01..2026-10-08") from None
    if not 0 <= (last - first).days <= _MAX_RANGE_DAYS:
        raise _LineError(f"{text!r} must run forward, over at most {_MAX_RANGE_DAYS} days")
    return (first + timedelta(days=step) for step in range((last - first).days + 1))
