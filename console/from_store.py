"""The store's queries as the console's ports: only shapes are changed here, nothing is counted or decided."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, cast

from sqlalchemy.exc import SQLAlchemyError

from console.callback_shapes import callback_view
from console.campaigns_from_store import StoredCampaigns
from console.disposition_shapes import dispositions_said
from console.leg_shapes import leg_views
from console.ports import Account, CallFilter, Role
from console.report_ports import ReportAsked
from console.report_queries import StoredReports, report_query
from console.views import (
    CallDetail,
    CallPage,
    CallRow,
    EntryView,
    EventView,
    GapView,
    RecordingView,
    SegmentView,
    TranscriptState,
    TranscriptView,
    WordView,
)
from core.errors import Unavailable
from reports.model import ReportQuery
from reports.told import ToldLine, told_lines
from store.accounts import Accounts
from store.calls import Calls
from store.events import Events
from store.rows import Account as StoredAccount
from store.rows import AgentWork, CallSummary, RecordingRow, StoredEvent
from store.rows import CallFilter as StoredFilter
from store.rows import Figure as StoredFigure
from store.staffing import StaffingRows
from store.store import Store
from store.told import ToldWaits
from store.transcripts import Transcripts

_CALLS_PAGE: Final = 200
"""Calls that are put together between two turns of the event loop: about 4 ms."""
_TRANSCRIPTS: Final[dict[str, TranscriptState]] = {
    "recording": "pending",
    "waiting": "pending",
    "ready": "ready",
    "failed": "failed",
}


def _event(event: StoredEvent) -> EventView:
    return EventView(
        seq=event.seq,
        id=event.id,
        at=event.at,
        call_id=event.call_id,
        name=event.name,
        data=dict(event.fields),
    )


def _row(call: CallSummary) -> CallRow:
    return CallRow(
        id=call.id,
        direction=call.direction,
        ani=call.ani,
        dnis=call.dnis,
        started_at=call.started_at,
        answered_at=call.answered_at,
        ended_at=call.ended_at,
        queue=call.queue,
        agent=call.agent,
        reason=call.reason,
        ended_by=call.by,
        outcome=call.outcome,
        wait_s=call.wait_s,
        talk_s=call.talk_s or None,
        recordings=len(call.recordings),
        transcript=_TRANSCRIPTS.get(call.transcription, "none"),
        mos=call.mos,
        disposition=call.disposition,
        probe=call.probe,
    )


def _recording(row: RecordingRow) -> RecordingView:
    return RecordingView(
        id=row.id,
        left=row.left,
        right=row.right,
        started_at=row.started_at,
        duration_s=row.duration_s,
        repaired=row.repaired,
        transcript=_TRANSCRIPTS.get(row.transcription, "none"),
        why=row.why,
        keep_as=row.keep_as,
        size=row.size,
        sha256=row.sha256,
        pcm_sha256=row.pcm_sha256,
        sealed=bool(row.key),
        held_at=row.held_at,
        held_by=row.held_by,
        held_why=row.held_why,
        deleted_at=row.deleted_at,
        gaps=[GapView(gap.start_s, gap.end_s, gap.why) for gap in row.gaps],
    )


class StoredCalls:
    """``console.ports.CallQueries``."""

    def __init__(self, calls: Calls, asked: Callable[[ReportAsked], ReportQuery]) -> None:
        self._calls = calls
        self._asked = asked

    async def calls(self, which: CallFilter, *, limit: int, offset: int) -> CallPage:
        """See the port."""
        behind, worked = which.behind, which.worked
        wanted = StoredFilter(
            since=which.from_at,
            until=which.to_at,
            queue=which.queue,
            agent=which.agent,
            direction=which.direction,
            number=which.number,
            outcome=which.outcome,
            disposition=which.disposition,
            text=which.text,
            behind=None if behind is None else StoredFigure(behind.figure, self._asked(behind.asked)),
            worked=None if worked is None else AgentWork(worked.figure, worked.agent, worked.from_at, worked.to_at),
            attempts=which.attempts,
        )
        rows: list[CallRow] = []
        while True:
            step = min(_CALLS_PAGE, limit - len(rows))
            page = await self._calls.list(wanted, limit=step, offset=offset + len(rows))
            rows += [_row(call) for call in page.calls]
            if len(page.calls) < step or len(rows) >= limit:
                return CallPage(rows, page.total, offset, limit, page.entries)

    async def call(self, call_id: str) -> CallDetail | None:
        """See the port."""
        found = await self._calls.get(call_id)
        if found is None:
            return None
        return CallDetail(
            call=_row(found.call),
            legs=leg_views(found),
            entries=[
                EntryView(
                    id=entry.id,
                    queue=entry.queue,
                    entered_at=entry.entered_at,
                    left_at=entry.left_at,
                    outcome=entry.outcome,
                    wait_s=entry.wait_s,
                    agent=entry.agent,
                )
                for entry in found.entries
            ],
            recordings=[_recording(row) for row in found.recordings],
            events=[_event(event) for event in await self._calls.in_words(found.timeline)],
            callback=callback_view(found.callback),
            dispositions=dispositions_said(found.dispositions),
        )

    async def earlier(self, call_id: str, *, limit: int) -> Sequence[CallRow]:
        """See ``console.agent_desk_ports``."""
        return [_row(call) for call in await self._calls.earlier(call_id, limit=limit)]

    async def recording_path(self, recording: str) -> Path | None:
        """See the port."""
        row = await self._calls.recording(recording)
        return None if row is None else Path(row.path)


class StoredTranscripts:
    """``console.ports.TranscriptQueries``."""

    def __init__(self, transcripts: Transcripts) -> None:
        self._transcripts = transcripts

    async def transcript(self, recording: str) -> TranscriptView | None:
        """See the port."""
        found = await self._transcripts.get(recording)
        if found is None:
            return None
        segments = [
            SegmentView(
                speaker=segment.speaker,
                start_s=segment.start_s,
                end_s=segment.end_s,
                text=segment.text,
                words=[
                    WordView(text=word.text, start_s=word.start_s, end_s=word.end_s, confidence=word.confidence)
                    for word in segment.words
                ],
            )
            for segment in found.segments
        ]
        return TranscriptView(recording=recording, engine=found.engine, duration_s=found.duration_s, segments=segments)


class StoredEvents:
    """``console.ports.EventQueries``."""

    def __init__(self, events: Events) -> None:
        self._events = events

    async def events_after(self, seq: int, *, limit: int) -> Sequence[EventView]:
        """See the port."""
        return [_event(event) for event in await self._events.after(seq, limit=limit)]

    async def events_named(
        self, names: Sequence[str], from_at: float, to_at: float, *, limit: int
    ) -> Sequence[EventView]:
        """See the port."""
        return [_event(event) for event in await self._events.named(names, from_at, to_at, limit=limit)]


class StoredTold:
    """``console.ports.ToldQueries``."""

    def __init__(self, told: ToldWaits) -> None:
        self._told = told

    async def lines(self, from_at: float, to_at: float, queue: str = "") -> Sequence[ToldLine]:
        """See the port."""
        waits = await self._told.of(from_at, to_at, queue)
        return await asyncio.to_thread(told_lines, waits)


class StoredAccounts:
    """``console.ports.Accounts``."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def find(self, name: str) -> Account | None:
        """See the port; ``Unavailable`` where the database cannot be read."""
        try:
            found = await self._accounts.find(name)
        except SQLAlchemyError as error:
            raise Unavailable("the accounts cannot be read") from error
        if found is None:
            return None
        return Account(
            name=found.name,
            role=cast("Role", found.role),
            hash=found.hash,
            agent=found.agent,
            must_change=found.must_change,
        )

    async def put(self, account: Account) -> None:
        """See the port."""
        await self._accounts.put(
            StoredAccount(
                name=account.name,
                role=account.role,
                hash=account.hash,
                agent=account.agent,
                must_change=account.must_change,
            )
        )

    async def count(self) -> int:
        """See the port."""
        return await self._accounts.count()


@dataclass(frozen=True, slots=True)
class StoredQueries:
    """All ports that an open ``Store`` fills: ``StoredQueries.of(store, …)``, then hand them to ``ConsoleDeps``."""

    accounts: StoredAccounts
    calls: StoredCalls
    transcripts: StoredTranscripts
    events: StoredEvents
    reports: StoredReports
    staffing: StaffingRows
    told: StoredTold
    campaigns: StoredCampaigns

    @classmethod
    def of(
        cls, store: Store, *, zone: str = "Asia/Shanghai", thresholds: tuple[tuple[str, float], ...] = ()
    ) -> "StoredQueries":
        """The ports of ``store``."""
        asked = partial(report_query, zone, thresholds)
        return cls(
            accounts=StoredAccounts(store.accounts),
            calls=StoredCalls(store.calls, asked),
            transcripts=StoredTranscripts(store.transcripts),
            events=StoredEvents(store.events),
            reports=StoredReports(store.reports, store.abandoned, store.closed, store.inbound, asked),
            staffing=store.staffing,
            told=StoredTold(store.told),
            campaigns=StoredCampaigns(store, zone),
        )
