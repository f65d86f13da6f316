"""The store's queries in the console's words: field by field, no rule of its own."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from console import ports, views
from core.errors import LocalProtocolError
from reports.figures import behind, figures
from reports.formulas import filled
from reports.formulas import QUEUE_FORMULAS
from reports.model import Bucket, Cell, ReportQuery
from store.calls import Calls
from store.campaigns import Campaigns
from store.events import Events
from store.reports import Reports
from store.rows import (
    CallFilter,
    CallSummary,
    CampaignSummary,
    ContactResult,
    LegRow,
    QueueEntryRow,
    RecordingRow,
    StoredEvent,
)
from store.transcripts import Transcripts

_TRANSCRIPT_STATES: dict[str, views.TranscriptState] = {
    "recording": "none",
    "waiting": "pending",
    "ready": "ready",
    "failed": "failed",
}


class ConsoleCalls:
    """``console.ports.CallQueries``."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def calls(self, which: ports.CallFilter, *, limit: int, offset: int) -> views.CallPage:
        """Newest first."""
        wanted = CallFilter(
            since=which.from_at,
            until=which.to_at,
            queue=which.queue,
            agent=which.agent,
            direction=which.direction,
            number=which.number,
            outcome=which.outcome,
            text=which.text,
            entries=which.entries or (),
        )
        if which.entries is not None and not which.entries:
            return views.CallPage([], 0, offset, limit)
        page = await self._calls.list(wanted, limit=limit, offset=offset)
        return views.CallPage([_call(item) for item in page.calls], page.total, offset, limit)

    async def call(self, call_id: str) -> views.CallDetail | None:
        """One call with all that belongs to it."""
        found = await self._calls.get(call_id)
        if found is None:
            return None
        return views.CallDetail(
            call=_call(found.call),
            legs=[_leg(item) for item in found.legs],
            entries=[_entry(item) for item in found.entries],
            recordings=[_recording(item) for item in found.recordings],
            events=[_event(item) for item in found.timeline],
        )

    async def recording_path(self, recording: str) -> Path | None:
        """The file of a recording."""
        found = await self._calls.recording(recording)
        return Path(found.path) if found is not None else None


class ConsoleTranscripts:
    """``console.ports.TranscriptQueries``."""

    def __init__(self, transcripts: Transcripts) -> None:
        self._transcripts = transcripts

    async def transcript(self, recording: str) -> views.TranscriptView | None:
        """What was said."""
        found = await self._transcripts.get(recording)
        if found is None:
            return None
        return views.TranscriptView(
            recording=recording,
            engine=found.engine,
            duration_s=found.duration_s,
            segments=[
                views.SegmentView(
                    speaker=segment.speaker,
                    start_s=segment.start_s,
                    end_s=segment.end_s,
                    text=segment.text,
                    words=[views.WordView(**asdict(word)) for word in segment.words],
                )
                for segment in found.segments
            ],
        )


class ConsoleEvents:
    """``console.ports.EventQueries``."""

    def __init__(self, events: Events) -> None:
        self._events = events

    async def events_after(self, seq: int, *, limit: int) -> Sequence[views.EventView]:
        """Oldest first."""
        return [_event(item) for item in await self._events.after(seq, limit=limit)]


class ConsoleReports:
    """``console.ports.ReportQueries``."""

    def __init__(self, reports: Reports, zone: str, threshold_s: float) -> None:
        self._reports = reports
        self._zone = zone
        self._threshold_s = threshold_s

    async def queues(
        self, from_at: float, to_at: float, bucket: views.Bucket, queue: str = ""
    ) -> views.QueueReport:
        """The metrics of all queues (or of ``queue``)."""
        query = self._query(from_at, to_at, Bucket(bucket), queue, fill=True)
        report = await self._reports.queues(query)
        return views.QueueReport(
            from_at=from_at,
            to_at=to_at,
            bucket=bucket,
            zone=self._zone,
            threshold_s=self._threshold_s,
            formulas={formula.key: self._formula(formula.key) for formula in QUEUE_FORMULAS},
            rows=[_numbers(cell) for cell in report.cells],
            all_queues=[_numbers(cell) for cell in report.buckets],
            totals=[_numbers(cell) for cell in report.queues],
            total=_numbers(report.total),
            histogram=[views.WaitBin(**asdict(item)) for item in report.total.histogram],
        )

    async def behind(self, figure: str, from_at: float, to_at: float, queue: str = "") -> Sequence[str]:
        """The ids of the waits that were counted in ``figure``."""
        query = self._query(from_at, to_at, Bucket.TOTAL, queue, fill=False)
        report = await self._reports.queues(query)
        try:
            found = behind(report.total, figure, query)
        except KeyError:
            raise LocalProtocolError(f"no figure is called {figure!r}") from None
        return found.counted

    def _query(self, from_at: float, to_at: float, bucket: Bucket, queue: str, *, fill: bool) -> ReportQuery:
        return ReportQuery(
            from_at, to_at, bucket, queue, zone=self._zone, threshold_s=self._threshold_s, fill=fill
        )

    def _formula(self, key: str) -> views.FormulaView:
        plain = next(item for item in QUEUE_FORMULAS if item.key == key)
        item = filled(plain, threshold_s=self._threshold_s, short_s=ReportQuery(0, 0).short_s)
        return views.FormulaView(item.zh, item.en, item.formula_zh, item.formula_en, item.unit)


class ConsoleCampaigns:
    """``console.ports.CampaignQueries``."""

    def __init__(self, campaigns: Campaigns) -> None:
        self._campaigns = campaigns

    async def campaigns(self) -> Sequence[views.CampaignView]:
        """Newest first."""
        return [_campaign(item) for item in await self._campaigns.list()]

    async def campaign(self, campaign: str) -> views.CampaignView | None:
        """One of them."""
        found = await self._campaigns.get(campaign)
        return _campaign(found) if found is not None else None

    async def results(self, campaign: str, *, limit: int, offset: int) -> Sequence[views.CampaignResult]:
        """Contacts with what came of them."""
        return [_result(item) for item in await self._campaigns.results(campaign, limit=limit, offset=offset)]


def _call(item: CallSummary) -> views.CallRow:
    return views.CallRow(
        id=item.id,
        direction=item.direction,
        ani=item.ani,
        dnis=item.dnis,
        started_at=item.started_at,
        answered_at=item.answered_at,
        ended_at=item.ended_at,
        queue=item.queue,
        agent=item.agent,
        reason=item.reason,
        ended_by=item.by,
        outcome=item.outcome,
        wait_s=item.wait_s,
        talk_s=item.talk_s,
        recordings=len(item.recordings),
        transcript=_TRANSCRIPT_STATES.get(item.transcription, "none"),
    )


def _leg(item: LegRow) -> views.LegView:
    return views.LegView(
        item.id, item.role, item.party, item.started_at, item.answered_at, item.ended_at, item.reason, item.status
    )


def _entry(item: QueueEntryRow) -> views.EntryView:
    return views.EntryView(
        item.id, item.queue, item.entered_at, item.left_at, item.outcome, item.wait_s, item.agent
    )


def _recording(item: RecordingRow) -> views.RecordingView:
    return views.RecordingView(
        id=item.id,
        left=item.left,
        right=item.right,
        started_at=item.started_at,
        duration_s=item.duration_s,
        repaired=item.repaired,
        transcript=_TRANSCRIPT_STATES.get(item.transcription, "none"),
        why=item.why,
    )


def _event(item: StoredEvent) -> views.EventView:
    return views.EventView(item.seq, item.id, item.at, item.call_id, item.name, dict(item.fields))


def _numbers(cell: Cell) -> views.QueueNumbers:
    return views.QueueNumbers(cell.queue, cell.since, cell.until, figures(cell))


def _campaign(item: CampaignSummary) -> views.CampaignView:
    return views.CampaignView(
        id=item.name,
        title=item.name,
        state=item.state,
        contacts=item.contacts,
        tried=item.dialling + item.done,
        finished=item.done,
        results=dict(item.results),
        created_at=item.created_at,
    )


def _result(item: ContactResult) -> views.CampaignResult:
    return views.CampaignResult(
        contact=item.contact,
        name=item.name,
        number=item.number,
        result=item.result,
        at=item.called_at,
        call_id=item.call_id,
        answers=[views.Answer(answer.question, answer.value, answer.how, answer.text) for answer in item.answers],
    )
