"""What kind of day it is, by the calendar of Chinese public holidays that opening hours go by too."""

from datetime import date
from typing import Final

from ivr.hours import MINUTES_A_DAY, SATURDAY, Hours, Span
from reports.forecast import DayKind

_WHOLE: Final = (Span(0, MINUTES_A_DAY),)
_WORKING_WEEK: Final = Hours(week=(*((_WHOLE,) * 5), (), ()))


def kind_of(day: date) -> DayKind:
    """In a year whose holidays are not announced yet every day is ordinary."""
    if _WORKING_WEEK.is_holiday(day):
        return DayKind.HOLIDAY
    if day.weekday() >= SATURDAY and _WORKING_WEEK.spans(day):
        return DayKind.MAKE_UP
    return DayKind.ORDINARY
