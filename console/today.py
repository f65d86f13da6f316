"""Today's numbers for the live board: asked of the report, again after each change, at most every few seconds, and for
at most a tenth of the time on a busy day.
"""

import asyncio
import logging
from datetime import datetime
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from console.live_views import DayBucket, QueueToday, Today
from console.ports import Queries, Reading
from console.report_ports import ReportAsked
from console.views import Figure, QueueNumbers
from core.clock import Clock
from core.errors import Unavailable

_AT_MOST_EVERY_S: Final = 2.0
_AT_LEAST_EVERY_S: Final = 60.0
_REST: Final = 9.0
"""So many times as long as the counting took nothing is counted."""
_DAY_S: Final = 86_400.0
SHOWN: Final = ("offered", "answered", "abandoned", "waiting", "answer_rate", "service_level_b", "asa_s")
"""The report's figures that the live board shows."""
_log = logging.getLogger("line400.console")


def day_start(now: float, zone: ZoneInfo) -> float:
    """Midnight of the day of ``now`` in ``zone``, epoch seconds."""
    local = datetime.fromtimestamp(now, zone)
    return local.replace(hour=0, minute=0, second=0, microsecond=0).timestamp()


async def count_today(queries: Queries, now: float, zone: ZoneInfo) -> Today:
    """The report of the day so far, as the live board shows it."""
    start = day_start(now, zone)
    report = await queries.reports.queues(ReportAsked(start, start + _DAY_S, "half_hour"))
    return Today(
        day_start_at=start,
        figures=_some(report.total),
        formulas={key: report.formulas[key] for key in SHOWN if key in report.formulas},
        threshold_s=report.threshold_s,
        buckets=[DayBucket(row.start_at, _some(row)) for row in report.all_queues],
        queues=[QueueToday(row.queue, _some(row), row.threshold_s) for row in report.totals],
    )


def _some(numbers: QueueNumbers) -> dict[str, Figure]:
    return {key: numbers.figures.get(key) for key in SHOWN}


class TodayCount:
    """Keeps ``current`` fresh while ``run`` runs; ``changed`` says that a wait began or ended."""

    def __init__(self, reading: Reading, clock: Clock, zone: ZoneInfo) -> None:
        self.current: Today | None = None
        self.version = 0
        self._reading = reading
        self._clock = clock
        self._zone = zone
        self._dirty = asyncio.Event()
        self._dirty.set()

    def changed(self) -> None:
        """Count again soon."""
        self._dirty.set()

    async def run(self) -> None:
        """Count whenever something changed, and once a minute for midnight's sake, until cancelled."""
        while True:
            try:
                async with asyncio.timeout(_AT_LEAST_EVERY_S):
                    await self._dirty.wait()
            except TimeoutError:
                pass
            self._dirty.clear()
            now = self._clock.now()
            try:
                self.current = await self._reading.ask(partial(count_today, now=now, zone=self._zone))
                self.version += 1
            except Unavailable as error:
                _log.warning("today's numbers cannot be counted now: %s", error)
            took_s = self._clock.now() - now
            await asyncio.sleep(min(max(_AT_MOST_EVERY_S, _REST * took_s), _AT_LEAST_EVERY_S))
