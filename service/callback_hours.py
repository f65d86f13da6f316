"""When opening hours end."""

from datetime import datetime, timedelta
from typing import Final

from ivr.hours import MINUTES_A_DAY, Hours

_ADJOINING: Final = 16
"""So many spans that follow each other without a gap are taken for one; more never close here."""


def closes_at(hours: Hours, now: float) -> float | None:
    """The moment at which it closes next, for hours that are open at ``now``; None where that is not in sight."""
    at = now
    for _ in range(_ADJOINING):
        end = _end_of_span(hours, at)
        if end is None:
            return at
        at = end
    return None


def _end_of_span(hours: Hours, now: float) -> float | None:
    """The end of the span that holds ``now``; None where it is closed."""
    local = datetime.fromtimestamp(now, hours.zone)
    minute = local.hour * 60 + local.minute
    for days_ago in (0, 1):
        day = local.date() - timedelta(days=days_ago)
        for span in hours.spans(day):
            if span.start <= minute + days_ago * MINUTES_A_DAY < span.end:
                midnight = datetime(day.year, day.month, day.day, tzinfo=hours.zone)
                return (midnight + timedelta(minutes=span.end)).timestamp()
    return None
