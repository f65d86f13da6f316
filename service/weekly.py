"""Weekly reports while the house runs: each week's is made once and mailed once, also over restarts.

What has been done is kept by week in the store: the newest week that was made, and the newest that was mailed. Weeks
that came to an end while we were down are made up for, the oldest first. What fails is tried again, after a minute,
two, four, up to an hour, for ever; the first failure raises an alarm that the success clears.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeAlias

from acd.alarm_facts import AlarmCleared, AlarmRaised
from core.clock import Clock
from core.errors import ConfigError, Line400Error, ParseError, Unavailable
from core.events import Log
from core.house_facts import WeeklyReportFailed, WeeklyReportMade, WeeklyReportMailed
from reports.weeks import Week, last_week, parse_week
from service.foundation import Foundation
from service.orders import KeyValues
from service.weekly_plan import Job, MailJob, WeeklyPlan, paper_at, weekly_plan
from service.weekly_worker import do_elsewhere

_log = logging.getLogger("line400.service")
MADE: Final = "weekly_report.made"
MAILED: Final = "weekly_report.mailed"
ALARM: Final = "weekly_report"
LOOK_S: Final = 60.0
"""So often the clock is looked at: it may be set."""
FIRST_PAUSE_S: Final = 60.0
LONGEST_PAUSE_S: Final = 3600.0
MOST_OWED: Final = 8
"""So many weeks are made up for after a long absence."""
Work: TypeAlias = Callable[[Job], Awaitable[tuple[str, ...]]]


@dataclass(slots=True)
class _Trouble:
    """What has failed ``tries`` times since ``since`` and is tried again at ``again_at``."""

    since: float
    again_at: float
    tries: int = 1


class WeeklyReports:
    """``run`` makes and mails by ``plan`` until cancelled; ``work`` does the jobs."""

    def __init__(self, plan: WeeklyPlan, values: KeyValues, log: Log, clock: Clock, work: Work = do_elsewhere) -> None:
        self._plan = plan
        self._values = values
        self._log = log
        self._clock = clock
        self._work = work
        self._done: dict[str, Week | None] = {}
        self._troubles: dict[str, _Trouble] = {}
        self._changed = asyncio.Event()

    def change(self, plan: WeeklyPlan) -> None:
        """This holds from now on; what has failed is tried again at once."""
        self._plan = plan
        for trouble in self._troubles.values():
            trouble.again_at = 0.0
        self._changed.set()

    async def run(self) -> None:
        """Look until cancelled; a house that wants no reports does not look."""
        while True:
            self._changed.clear()
            if self._plan.when:
                await self.look()
            try:
                async with asyncio.timeout(LOOK_S if self._plan.when else None):
                    await self._changed.wait()
            except TimeoutError:
                continue

    async def look(self) -> None:
        """Make what is due and mail what was made."""
        plan = self._plan
        for week in await self._due(plan):
            if not await self._try(MADE, week, partial(self._make, plan, week)):
                break
        for week in await self._unsent(plan):
            if not await self._try(MAILED, week, partial(self._mail, plan, week)):
                break

    async def _due(self, plan: WeeklyPlan) -> list[Week]:
        now = self._clock.now()
        newest = last_week(now, plan.zone)
        for _ in range(MOST_OWED):
            if plan.due_at(newest) <= now:
                break
            newest = newest.before
        else:
            return []
        made = await self._newest(MADE)
        return _weeks(newest if made is None else made.following, newest)

    async def _unsent(self, plan: WeeklyPlan) -> list[Week]:
        made, mailed = await self._newest(MADE), await self._newest(MAILED)
        if made is None:
            return []
        if plan.server is None:  # whoever asks for mail later does not mean these
            if mailed != made:
                await self._keep(MAILED, made)
            return []
        return _weeks(made if mailed is None else mailed.following, made)

    async def _make(self, plan: WeeklyPlan, week: Week) -> None:
        files = await self._work(plan.make(week))
        await self._log.commit("", WeeklyReportMade(str(week), files))
        if await self._newest(MAILED) is None:
            await self._keep(MAILED, week.before)  # from here on every one is mailed, however long mail fails
        _log.info("weekly report %s: %s", week, ", ".join(files))

    async def _mail(self, plan: WeeklyPlan, week: Week) -> None:
        if plan.server is None:
            return
        if not paper_at(plan.folder, week, "txt").is_file():  # moved away meanwhile, or another folder now
            await self._work(plan.make(week))
        refused = await self._work(MailJob(week, plan.folder, plan.server))
        if refused:
            _log.warning("weekly report %s: the mail server refused %s", week, ", ".join(refused))
        taken = len(plan.server.to) - len(refused)
        await self._log.commit("", WeeklyReportMailed(str(week), taken, len(refused)))
        _log.info("weekly report %s: mailed to %d", week, taken)

    async def _try(self, step: str, week: Week, work: Callable[[], Awaitable[None]]) -> bool:
        """Do it, or note that it failed; False where it is not done yet."""
        trouble = self._troubles.get(step)
        if trouble is not None and self._clock.now() < trouble.again_at:
            return False
        try:
            await work()
        except (Unavailable, ConfigError) as error:
            self._failed(step, week, error)
            return False
        await self._keep(step, week)
        if trouble is not None:
            del self._troubles[step]
            lasted_s = round(self._clock.now() - trouble.since, 3)
            self._log.post("", AlarmCleared(ALARM, ALARM, _subject(step, week), float(trouble.tries), lasted_s))
        return True

    def _failed(self, step: str, week: Week, error: Line400Error) -> None:
        now = self._clock.now()
        trouble = self._troubles.get(step)
        if trouble is None:
            trouble = self._troubles[step] = _Trouble(now, now)
            self._log.post("", AlarmRaised(ALARM, ALARM, _subject(step, week), 1.0, 0.0))
        else:
            trouble.tries += 1
        pause_s = min(FIRST_PAUSE_S * 2.0 ** min(trouble.tries - 1, 10), LONGEST_PAUSE_S)
        trouble.again_at = now + pause_s
        self._log.post("", WeeklyReportFailed(str(week), step.rpartition(".")[2], str(error), trouble.tries))
        _log.warning("weekly report %s is not %s: %s; again in %.0f s", week, step.rpartition(".")[2], error, pause_s)

    async def _newest(self, step: str) -> Week | None:
        """The newest week of which ``step`` is done."""
        if step not in self._done:
            text = await self._values.get(step)
            try:
                self._done[step] = parse_week(text) if text else None
            except ParseError:  # written by a version that we do not know
                self._done[step] = None
        return self._done[step]

    async def _keep(self, step: str, week: Week) -> None:
        await self._values.put(step, str(week))
        self._done[step] = week


def _weeks(first: Week, last: Week) -> list[Week]:
    """From ``first`` to ``last``, the newest ``MOST_OWED`` of them."""
    found: list[Week] = []
    while last >= first and len(found) < MOST_OWED:
        found.append(last)
        last = last.before
    return found[::-1]


def _subject(step: str, week: Week) -> str:
    return f"{week} {'mail' if step == MAILED else 'report'}"


def start_weekly_reports(base: Foundation) -> None:
    """Begin to look, by the configuration as it holds."""
    reports = WeeklyReports(weekly_plan(base.config), base.store.settings, base.store.log, base.clock)
    base.reloader.follow(lambda new: reports.change(weekly_plan(new.config)))
    base.tasks.keep("weekly reports", reports.run)
