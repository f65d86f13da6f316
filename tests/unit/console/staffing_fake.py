"""Staffing of a made-up day for the console's tests."""

import math
from datetime import date, timedelta

from core.errors import ParseError
from reports.forecast import SLOTS, Alike, DayKind, Expected, Forecast
from reports.staffing import Assumed, Seen, StaffingQuery, StaffingReport, staffing_report
from tests.unit.console import day as morning

TOO_EARLY = date(2026, 11, 1)
"""Before it there is no past."""


class FakeStaffing:
    """``console.staffing_views.StaffingQueries``: busiest at half past ten, one agent short then."""

    async def plan(self, query: StaffingQuery) -> StaffingReport:
        if query.day < TOO_EARLY:
            raise ParseError("the log has fewer than two days like it", where="day")
        shape = [24.0 * math.exp(-(((slot - 21) / 7) ** 2)) if 16 <= slot < 40 else 0.0 for slot in range(SLOTS)]
        slots = tuple(Expected(calls, calls * 0.7, calls * 1.3) for calls in shape)
        days = tuple(query.day - timedelta(weeks=weeks) for weeks in range(8, 0, -1))
        there = tuple(min(5.0, round(calls / 4)) for calls in shape)
        seen = Seen(tuple(round(calls) for calls in shape), there)
        return staffing_report(
            query,
            Forecast(query.day, DayKind.ORDINARY, Alike.WEEKDAY, days, 1.2, slots),
            Assumed(query.handle_s or 210.0, 170.0, query.patience_s or 150.0, 4000, 160),
            seen,
            [seen],
            morning.NOW,
        )
