"""Makes the weekly report: asks the store's own reports for the figures of the week and the one before, and writes a
page, a PDF and a short text, each whole or not at all.
"""

import os
import secrets
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from core.bus import Bus
from core.ids import Ids
from reports.abandoned import Followed
from reports.model import Bucket, ReportQuery
from reports.periods import before
from reports.probes import ProbeCall, probe_lines
from reports.ratings import RatingReport
from reports.weekly import Scope, WeeklyReport
from reports.weekly_html import weekly_html
from reports.weekly_parts import headlines
from reports.weeks import Week
from service.clock import SystemClock
from service.weekly_fonts import paper
from service.weekly_plan import Content, MakeJob, paper_at
from store.database import Database
from store.store import Store

_MOST_PROBES: Final = 20_000


@dataclass(frozen=True, slots=True)
class Files:
    """Where the report of a week lies: the page, the PDF, and the text whose first line is the subject of the mail."""

    html: Path
    pdf: Path
    text: Path

    @classmethod
    def of(cls, folder: Path, week: Week) -> "Files":
        """Those of ``week`` in ``folder``."""
        return cls(*(paper_at(folder, week, kind) for kind in ("html", "pdf", "txt")))


async def make(job: MakeJob) -> Files:
    """Write the files of the week; what lay there is replaced. The database is only read."""
    clock = SystemClock()
    database = Database(job.database)
    store = Store(database, clock, Ids(clock, secrets.token_bytes), Bus(), Path())
    try:
        report = await gather(store, job.week, job.content, clock.now())
    finally:
        await database.close()
    files = Files.of(job.folder, job.week)
    job.folder.mkdir(parents=True, exist_ok=True)
    replace_file(files.html, weekly_html(report).encode())
    replace_file(files.pdf, paper(report, job.content.font))
    replace_file(files.text, summary(report).encode())
    return files


async def gather(store: Store, week: Week, content: Content, now: float) -> WeeklyReport:
    """All that the report of ``week`` says."""
    since, until = week.span(ZoneInfo(content.zone))
    query = ReportQuery(since, until, Bucket.DAY, zone=content.zone, fill=True, thresholds=content.thresholds)
    wanted = content.queues or ("",)
    scopes = tuple([await _scope(store, replace(query, queue=queue)) for queue in wanted])
    agents = await store.reports.agents(since, until, content.zone)
    if content.members is not None:
        agents = replace(agents, agents=tuple(it for it in agents.agents if it.agent in content.members))
    followed: list[Followed] = []
    for queue in wanted:
        followed += await store.abandoned.of(since, until, queue)
    earlier = before(query)
    runs = await store.probes.runs(since, until, limit=_MOST_PROBES)
    return WeeklyReport(
        week=week,
        since=since,
        until=until,
        zone=content.zone,
        made_at=now,
        scopes=scopes,
        agents=agents,
        followed=tuple(sorted(followed, key=lambda it: -it.abandoned.entered_at)),
        ratings=_narrowed(await store.desk.ratings(since, until), content),
        ratings_before=_narrowed(await store.desk.ratings(earlier.since, earlier.until), content),
        probes=probe_lines(ProbeCall(run.probe, run.result, run.ring_s, run.wait_s) for run in runs),
        titles=dict(content.titles),
        names=dict(content.names),
        whole_numbers=content.whole_numbers,
    )


async def _scope(store: Store, query: ReportQuery) -> Scope:
    return Scope(
        query.queue,
        days=await store.reports.queues(query),
        halves=await store.reports.queues(replace(query, bucket=Bucket.HALF_HOUR, fill=False)),
        before=await store.reports.queues(before(query)),
    )


def _narrowed(ratings: RatingReport, content: Content) -> RatingReport:
    """Only the queues and agents that the report is of; the total stays that of the house."""
    if content.members is None:
        return ratings
    return replace(
        ratings,
        queues=tuple(it for it in ratings.queues if it.name in content.queues),
        agents=tuple(it for it in ratings.agents if it.name in content.members),
    )


def summary(report: WeeklyReport) -> str:
    """The subject of the mail, and below it what it says where no page is shown."""
    shown = headlines(report)
    first = shown[0].tiles[0]
    lines = [f"客服周报 {report.week}：{first.zh} {first.now}（上周 {first.before}）"]
    lines += ["", f"{report.week.monday} – {report.week.sunday} ({report.zone})"]
    for headline in shown:
        lines += ["", headline.name]
        lines += [f"  {tile.zh} {tile.en}: {tile.now}（上周 before {tile.before}）" for tile in headline.tiles]
    lines += ["", "完整报表见附件。The whole report is attached (PDF, HTML).", ""]
    return "\n".join(lines)


def replace_file(path: Path, data: bytes) -> None:
    """Write ``path`` whole or not at all, also where the machine dies meanwhile."""
    part = path.with_name(f".{path.name}.part")
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
