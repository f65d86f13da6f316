"""A scripted ``ConsoleDeps``: the morning of ``day`` with live events, for tests and pictures."""

import pickle
import wave
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from acd.facts import (
    AgentStateChanged,
    OfferEnded,
    OfferMade,
    QueueEntered,
    QueueLeft,
    WaitTold,
)
from acd.supervision_facts import AgentForced, AgentMessage
from archive.peaks import Peaks
from campaigns.contact_filter import ContactFilter
from campaigns.probe import ProbeRun
from console.campaign_ports import CampaignQueries
from console.campaign_watch import CampaignWatch
from console.closed_views import ClosedReport
from console.deps import ConsoleDeps, ConsoleSettings
from console.desk_views import ProbeView
from console.inbound_views import InboundReport
from console.operation_views import ReloadView
from console.passwords import hash_password
from console.phone_views import PhoneView
from console.ports import (
    Account,
    Answered,
    CallFilter,
    CallQueries,
    Queries,
    TranscriptQueries,
)
from console.queue_views import QueueStateView
from console.report_ports import FigureCell, InboundAsked, ReportAsked, ReportQueries
from console.report_views import AbandonedReport, AgentReport, AgentsBucket
from console.result_views import CampaignResult
from console.staffing_views import StaffingQueries
from console.told_views import ToldQueries
from console.views import (
    CallDetail,
    CallPage,
    CallRow,
    CampaignView,
    Component,
    EventView,
    QueueReport,
    RecordingState,
    TranscriptView,
    TrunkAddressView,
    TrunkView,
)
from core.audio import RATE_HZ, Pcm
from core.bus import MemoryLog
from core.clock import VirtualClock
from core.errors import ConfigError, LocalProtocolError, NotAllowed, Unavailable
from core.events import pack
from core.ids import CountingEntropy
from desk.tasks import ALL_TASKS, Task, Whose
from ivr.facts import FlowEntered, MenuChosen
from reports.campaign_live import Stand
from reports.campaigns import CampaignReport
from reports.conversion import Conversion
from reports.effect import Effect, compared
from reports.ratings import Rated, RatingReport, rating_report
from reports.told import ToldLine, ToldWait, told_lines
from service.lockouts import ConsoleLockouts
from service.wall_keys import WallKeys
from service.weekly_papers import ConsoleWeekly
from service.wire_counts import ConsoleCounts
from service.wire_trace import ConsoleTrace
from telephony.defence import Defence
from telephony.facts import CallAnswered, CallEnded, CallStarted, TalkStarted
from telephony.incidents import Incidents
from telephony.oversight import Oversight
from telephony.sip.hop import Hop
from telephony.sip.trace import Tracer
from tests.shared import shared_path
from tests.unit.console import day, day_reports
from tests.unit.console.agent_desk_fake import FakeDesks, FakeDispositions, said_of
from tests.unit.console.calling_fake import FakeCalling, FakeListShares
from tests.unit.console.campaigns_fake import FakeCampaigns, campaign_conversion, campaign_result, campaign_stand
from tests.unit.console.lists_fake import FakeLists
from tests.unit.console.staffing_fake import FakeStaffing
from tests.unit.console.surveys_fake import survey_desk

PASSWORD = "correct horse"


class FakeStore:
    """Calls, transcripts, events, reports and campaigns of the morning."""

    def __init__(self, log: MemoryLog) -> None:
        self.log = log
        self.rows, self.waits = day.morning()

    async def calls(self, which: CallFilter, *, limit: int, offset: int) -> CallPage:
        found = [row for row in reversed(self.rows) if day.fits(row, which, self.waits)]
        return CallPage(found[offset : offset + limit], len(found), offset, limit)

    async def call(self, call_id: str) -> CallDetail | None:
        for row in self.rows:
            if row.id == call_id:
                return CallDetail(row, *day.star_parts(row), dispositions=said_of(self.log, call_id))
        return None

    async def earlier(self, call_id: str, *, limit: int) -> Sequence[CallRow]:
        this = next((row for row in self.rows if row.id == call_id), None)
        if this is None:
            return []
        before = [row for row in reversed(self.rows) if row.started_at < this.started_at]
        return [row for row in before if _outside(row) == _outside(this)][:limit]

    async def recording_path(self, recording: str) -> Path | None:
        return {"r-outside": Path("../secret.wav")}.get(recording, Path(f"{day.STAR}.wav"))

    async def transcript(self, recording: str) -> TranscriptView | None:
        if recording != f"r-{day.STAR}":
            return None
        segments, length = day.dialogue()
        return TranscriptView(recording, "faster-whisper/whisper-base", length, segments)

    async def events_after(self, seq: int, *, limit: int) -> Sequence[EventView]:
        return [
            EventView(event.seq, event.id, event.at, event.call_id, event.fact.name, pack(event.fact))
            for event in self.log.events[seq : seq + limit]
        ]

    async def events_named(
        self, names: Sequence[str], from_at: float, to_at: float, *, limit: int
    ) -> Sequence[EventView]:
        found = [event for event in self.log.events if event.fact.name in names and from_at <= event.at < to_at]
        return [
            EventView(event.seq, event.id, event.at, event.call_id, event.fact.name, pack(event.fact))
            for event in reversed(found[-limit:])
        ]

    def all_waits(self) -> list[day.Wait]:
        """The morning's waits and those of the live events."""
        live: dict[str, day.Wait] = {}
        for event in self.log.events:
            match event.fact:
                case QueueEntered(entry=entry, queue=queue):
                    live[entry] = day.Wait(entry, event.call_id, queue, event.at, "", 0.0)
                case QueueLeft(entry=entry, outcome=outcome, wait_s=wait_s):
                    live[entry] = replace(live[entry], outcome=outcome, wait_s=wait_s)
                case _:
                    pass
        return [*self.waits, *live.values()]

    async def queues(self, asked: ReportAsked) -> QueueReport:
        return day.report(
            self.all_waits(),
            asked.from_at,
            asked.to_at,
            asked.bucket,
            asked.queue,
            asked.by,
            compared=asked.compared,
        )

    async def behind(self, cell: FigureCell, most: int) -> int:
        return len(day.counted_in(self.waits, cell)[:most])

    async def agents(
        self, from_at: float, to_at: float, *, states: bool, bucket: AgentsBucket = "total"
    ) -> AgentReport:
        return day_reports.agents(from_at, to_at, states=states, bucket=bucket)

    async def abandoned(self, from_at: float, to_at: float, queue: str = "") -> AbandonedReport:
        return day_reports.abandoned(self.waits, from_at, to_at, queue)

    async def closed(self, from_at: float, to_at: float, queue: str = "") -> ClosedReport:
        return day_reports.closed(from_at, to_at, queue)

    async def inbound(self, asked: InboundAsked) -> InboundReport:
        return day_reports.inbound(self.all_waits(), asked)

    async def campaigns(self) -> Sequence[CampaignView]:
        return day.CAMPAIGNS

    async def campaign(self, campaign: str) -> CampaignView | None:
        return next((view for view in day.CAMPAIGNS if view.id == campaign), None)

    async def results(
        self, campaign: str, which: ContactFilter, *, limit: int, offset: int
    ) -> Sequence[CampaignResult]:
        found = [one for one in day.campaign_results() if which.result in ("", one.result) and which.text in one.name]
        return found[offset : offset + limit]

    async def found(self, campaign: str, which: ContactFilter) -> int:
        return len(await self.results(campaign, which, limit=100_000, offset=0))

    async def stand(self, campaign: str, now: float) -> Stand:
        return campaign_stand(campaign, now)

    async def rounds(self, campaign: str) -> int:
        return 2 if campaign == "tradein-2019" else 1

    async def report(self, campaign: str, now: float, chosen: int = 0) -> CampaignReport:
        return campaign_result(campaign, now, chosen)

    async def conversion(self, campaign: str, days: int, now: float, chosen: int = 0) -> Conversion:
        return campaign_conversion(days)

    async def effect(self, campaign: str, days: int) -> Effect | None:
        return Effect("2026-11-02", "2026-12-01", compared((40, 200), (4, 50)), compared((5, 200), (1, 50)))


def _outside(row: CallRow) -> str:
    return row.dnis if row.direction == "outbound" else row.ani


class FakeAccounts:
    """Accounts in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, Account] = {}
        self.lookups = 0
        self.away = False

    async def find(self, name: str) -> Account | None:
        self.lookups += 1
        if self.away:
            raise Unavailable("the database cannot be read")
        return self.kept.get(name)

    async def put(self, account: Account) -> None:
        self.kept[account.name] = account

    async def count(self) -> int:
        return len(self.kept)


class FakeAgents:
    """Does as asked at once, and posts it."""

    def __init__(self, log: MemoryLog) -> None:
        self._log = log

    async def set_available(self, agent: str, by: str) -> None:
        if agent == "108":
            raise LocalProtocolError("agent 108 has no phone registered")
        self._set(agent, "available", by)

    async def pause(self, agent: str, reason: str, by: str, planned_s: float = 0.0) -> None:
        self._set(agent, "paused", by, reason, day.NOW + planned_s if planned_s else 0.0)

    async def sign_out(self, agent: str, by: str) -> None:
        self._set(agent, "offline", by)

    def tell(self, agent: str, text: str, by: str) -> None:
        self._log.post("", AgentMessage(agent, text, by))

    def _set(self, agent: str, state: str, by: str, reason: str = "", until: float = 0.0) -> None:
        if by:
            self._log.post("", AgentForced(agent, state, by, reason))
        self._log.post("", AgentStateChanged(agent, state, reason, until))


class FakeRecorder:
    """Recordings that run are those of ``running``; ``asked`` holds what was asked for."""

    def __init__(self) -> None:
        self.running: dict[str, RecordingState] = {}
        self.asked: list[tuple[str, ...]] = []
        self.stored: dict[str, Peaks] = {}

    def state(self, call_id: str) -> RecordingState:
        return self.running.get(call_id, "")

    async def pause(self, call_id: str, by: str) -> None:
        self._switch(call_id, "paused", by)

    async def resume(self, call_id: str, by: str) -> None:
        self._switch(call_id, "recording", by)

    def _switch(self, call_id: str, state: RecordingState, by: str) -> None:
        if call_id not in self.running:
            raise LocalProtocolError(f"call {call_id} is not being recorded now")
        self.running[call_id] = state
        self.asked.append((state, call_id, by))

    async def hold(self, recording: str, by: str, why: str) -> None:
        self.asked.append(("hold", recording, by, why))

    async def release(self, recording: str, by: str) -> None:
        self.asked.append(("release", recording, by))

    async def delete(self, recording: str, by: str) -> None:
        self.asked.append(("delete", recording, by))

    async def peaks(self, recording: str) -> Peaks | None:
        return self.stored.get(recording)


class FakeTransfers:
    """``asked`` holds what was asked for; nobody has the number 999."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []

    def pass_on(self, call_id: str, to: str, by: str) -> None:
        if to == "999":
            raise LocalProtocolError(f"nobody has the number {to!r}")
        self.asked.append((call_id, to, by))


class FakeSupervision:
    """``asked`` holds what was asked for; nobody talks in any call but the star's."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []

    async def supervise(self, call_id: str, supervisor: str, mode: Oversight, by: str) -> None:
        if call_id != day.STAR:
            raise LocalProtocolError(f"nobody talks in call {call_id} now")
        self.asked.append((call_id, supervisor, mode, by))

    def leave(self, call_id: str, supervisor: str, by: str) -> None:
        if not any(item[:2] == (call_id, supervisor) for item in self.asked):
            raise LocalProtocolError(f"{supervisor} is not in the talk of call {call_id}")
        self.asked.append((call_id, supervisor, "leave", by))


class FakePlacing:
    """``asked`` holds what was asked for, ``despite`` why; nobody may call 00…, and the phone of 102 is busy."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.despite: list[str] = []

    def possible(self) -> bool:
        return True

    def place(self, agent: str, number: str, despite: str = "") -> str:
        self.despite.append(despite)
        if number.startswith("00"):
            raise NotAllowed("00 may not be called: it is abroad")
        if agent == "102":
            raise LocalProtocolError("the phone of 102 is busy")
        self.asked.append((agent, number))
        return "c-placed"


class FakeConsulting:
    """``asked`` holds what was asked for; nobody talks in any call but the star's."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []

    def begin(self, call_id: str, to: str, by: str) -> None:
        self._ask(call_id, "begin", to, by)

    async def join(self, call_id: str, by: str) -> None:
        self._ask(call_id, "join", by)

    def complete(self, call_id: str, by: str) -> None:
        self._ask(call_id, "complete", by)

    def leave(self, call_id: str, by: str) -> None:
        self._ask(call_id, "leave", by)

    def _ask(self, call_id: str, *what: str) -> None:
        if call_id != day.STAR:
            raise LocalProtocolError(f"no agent talks in call {call_id} now")
        self.asked.append((call_id, *what))


class FakeParking:
    """``asked`` holds what was asked for; nobody talks, or is parked, in any call but the star's."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []

    def park(self, call_id: str, slot: str, by: str) -> None:
        self._ask(call_id, "park", slot, by)

    def take(self, call_id: str, agent: str) -> None:
        self._ask(call_id, "take", agent)

    def _ask(self, call_id: str, *what: str) -> None:
        if call_id != day.STAR:
            raise LocalProtocolError(f"nobody talks in call {call_id} now")
        self.asked.append((call_id, *what))


class FakeWaiting:
    """``asked`` holds what was asked for; nobody waits in any call but the star's."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []

    def move(self, call_id: str, queue: str, by: str) -> None:
        self._ask(call_id, "move", queue, by)

    def pull(self, call_id: str, agent: str, number: str, by: str) -> None:
        self._ask(call_id, "pull", agent, number, by)

    def _ask(self, call_id: str, *what: str) -> None:
        if call_id != day.STAR:
            raise LocalProtocolError(f"nobody waits in call {call_id} now")
        self.asked.append((call_id, *what))


@dataclass
class FakeHealth:
    """Parts of the house."""

    parts: list[Component] = field(
        default_factory=lambda: [
            Component("sip", "ok", "UDP 5060, TCP 5060; 8 phones registered"),
            Component("trunk carrier", "ok", "registered; 28 calls", "trunk_registered", [28, 0]),
            Component("media", "ok", "2 workers", "media_workers", [2]),
            Component("recogniser", "degraded", "1 of 2 workers restarts; transcripts come later"),
            Component("store", "ok", "SQLite, 0 events waiting"),
            Component("mqtt", "off", "switched off in the configuration: [mqtt] enabled = true switches it on"),
        ]
    )

    async def components(self) -> Sequence[Component]:
        return self.parts


class FakePhones:
    """Two phones: one that answers, one that has fallen silent."""

    def phones(self) -> Sequence[PhoneView]:
        return [
            PhoneView(
                "101", "sip:101@10.0.0.7:5060", "udp:198.51.100.4:5060", "Yealink SIP-T46S 66.86.0.15",
                fixed=False, state="alive", round_trip_ms=12.5, refreshed_at=day.NOW - 60, expires_at=day.NOW + 240,
            ),
            PhoneView(
                "102", "sip:102@192.0.2.20", "udp:192.0.2.20:5060", "",
                fixed=True, state="silent", round_trip_ms=None, refreshed_at=None, expires_at=None,
            ),
        ]  # fmt: skip


class FakeTold:
    """What callers were told."""

    async def lines(self, from_at: float, to_at: float, queue: str = "") -> Sequence[ToldLine]:
        """One caller was told too much, one too little, and one as it was."""
        waits = [
            ToldWait(f"c-{number:010d}-morning{number:03d}", "sales", 60.0, 20.0, 100.0, waited_s, True)
            for number, waited_s in enumerate((10.0, 50.0, 130.0))
        ]
        return told_lines([wait for wait in waits if queue in ("", wait.queue)])


@dataclass(frozen=True)
class ReadHere:
    """``console.ports.Reading`` and ``Queries``: answers at once, in this process, but only what could travel."""

    calls: CallQueries
    transcripts: TranscriptQueries
    reports: ReportQueries
    campaigns: CampaignQueries
    staffing: StaffingQueries = field(default_factory=FakeStaffing)
    told: ToldQueries = field(default_factory=FakeTold)

    async def ask(self, work: Callable[[Queries], Awaitable[Answered]]) -> Answered:
        pickle.dumps(work)
        return await work(self)


class FakeDesk:
    """Tasks, ratings and test calls that a test has put there."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.kept: list[Task] = []
        self.given: list[tuple[str, str, str]] = []
        self.rated: list[Rated] = []
        self.probed: list[ProbeRun] = []
        self.started: list[tuple[str, str]] = []

    async def tasks(self, *, closed: bool, limit: int, offset: int = 0, whose: Whose = ALL_TASKS) -> Sequence[Task]:
        found = [task for task in self.kept if (task.closed_at is not None) is closed and whose.holds(task)]
        return found[offset : offset + limit]

    async def open_tasks(self, whose: Whose = ALL_TASKS) -> int:
        return len(await self.tasks(closed=False, limit=1000, whose=whose))

    async def task(self, task: str) -> Task | None:
        return next((item for item in self.kept if item.id == task), None)

    async def give_task(self, task: str, owner: str, by: str, only: Collection[str] | None = None) -> Task | None:
        found = await self.task(task)
        if found is None:
            return None
        if found.closed_at is not None:
            raise LocalProtocolError(f"task {task} was closed by {found.closed_by} already")
        if only is not None and found.owner not in only:
            raise LocalProtocolError(f"{found.owner} has task {task} now")
        self.given.append((task, owner, by))
        self.kept[self.kept.index(found)] = replace(found, owner=owner)
        return await self.task(task)

    async def close_task(self, task: str, by: str, note: str) -> Task | None:
        for place, item in enumerate(self.kept):
            if item.id == task:
                if item.closed_at is not None:
                    raise LocalProtocolError(f"task {task} was closed by {item.closed_by} already")
                self.kept[place] = replace(item, closed_at=self.clock.now(), closed_by=by, note=note)
                return self.kept[place]
        return None

    async def ratings(self, since: float, until: float) -> RatingReport:
        return rating_report(since, until, self.rated)

    async def runs(self, since: float, until: float, *, limit: int) -> Sequence[ProbeRun]:
        return [run for run in self.probed if since <= run.started_at < until][:limit]

    def probes(self) -> list[ProbeView]:
        return [ProbeView("hotline", "4008001234", "carrier", "0 8 * * *", self.clock.now() + 60)]

    def start(self, probe: str, by: str) -> str:
        if self.started:
            raise LocalProtocolError(f"probe {probe!r} is on the line already")
        self.started.append((probe, by))
        return "b-1"


class FakeValues:
    """Small values in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    async def get(self, key: str) -> str | None:
        return self.kept.get(key)

    async def put(self, key: str, value: str) -> None:
        self.kept[key] = value


class FakeConfig:
    """A configuration with a fault while ``faults`` names one."""

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.asked: list[str] = []

    async def reload(self, by: str) -> ReloadView:
        self.asked.append(by)
        if self.faults:
            raise ConfigError(self.faults)
        return await self.changes()

    async def changes(self) -> ReloadView:
        if self.faults:
            raise ConfigError(self.faults)
        return ReloadView(["agent 8002: new"], ["http.port"], [])


@dataclass
class House:
    """The fakes together."""

    deps: ConsoleDeps
    log: MemoryLog
    clock: VirtualClock
    store: FakeStore
    desk: FakeDesk
    desks: FakeDesks
    dispositions: FakeDispositions
    accounts: FakeAccounts
    health: FakeHealth
    recorder: FakeRecorder
    transfers: FakeTransfers
    supervision: FakeSupervision
    waiting: FakeWaiting
    tracer: Tracer
    defence: Defence
    calling: FakeCalling


class FakeQueues:
    """One queue that is closed for the night."""

    def queues(self) -> list[QueueStateView]:
        return [
            QueueStateView(
                "sales", "购车咨询", "closed", "closed", "office", day.NOW + 3600, 0, 3, 2, 1, 0, "signed-in", "always",
                ["queue:service", "voicemail:sales"], ["say:closed_hours", "voicemail:night"], ["9 -> hangup"],
            )
        ]  # fmt: skip


class FakeTrunks:
    """One carrier of two addresses, of which one is dead."""

    def trunks(self) -> list[TrunkView]:
        addresses = [
            TrunkAddressView("udp:203.0.113.5:5060", "down", None, 3, 31.5),
            TrunkAddressView("udp:203.0.113.6:5060", "up", 12.3, 0, 0.0),
        ]
        return [
            TrunkView(
                "carrier", "sip.carrier.example", "udp", "ok", "registered", "trunk_registered", [28, 0], 28, 30, 0.0,
                ["PCMA"], "off", True, 412.0, 330.0, addresses, "",
            )
        ]  # fmt: skip


def make_house(folder: Path, settings: ConsoleSettings | None = None) -> House:
    """A house with accounts admin, boss (supervisor), chief (supervisor at phone 102), wang (agent 101) and guest
    (viewer), all with ``PASSWORD``.
    """
    clock = VirtualClock(day.NOW)
    log = MemoryLog(clock)
    tracer = Tracer(clock.now)
    defence = Defence(None, Incidents(lambda fact: log.post("", fact)))
    store, accounts, health, recorder = FakeStore(log), FakeAccounts(), FakeHealth(), FakeRecorder()
    transfers, supervision, waiting, desk = FakeTransfers(), FakeSupervision(), FakeWaiting(), FakeDesk(clock)
    desks, dispositions, calling = FakeDesks(log), FakeDispositions(log), FakeCalling()
    hashed = hash_password(PASSWORD, bytes(16), n=16)  # cheap: many tests sign in
    for account in (
        Account("admin", "admin", hashed),
        Account("boss", "supervisor", hashed),
        Account("chief", "supervisor", hashed, agent="102"),
        Account("wang", "agent", hashed, agent="101"),
        Account("guest", "viewer", hashed),
        Account("fresh", "supervisor", hashed, must_change=True),
    ):
        accounts.kept[account.name] = account
    recordings = folder / "recordings"
    recordings.mkdir()
    write_dialogue(recordings / f"{day.STAR}.wav")
    (folder / "secret.wav").write_bytes(b"not for you")
    reading = ReadHere(store, store, store, store)
    deps = ConsoleDeps(
        clock=clock,
        bus=log.bus,
        entropy=CountingEntropy(),
        recordings=recordings,
        recording_key=folder / "recordings.key",
        recorder=recorder,
        transfers=transfers,
        supervision=supervision,
        waiting=waiting,
        config=FakeConfig(),
        sip=ConsoleCounts(tracer.counters, day.NOW - 3600),
        lockouts=ConsoleLockouts(defence, clock),
        wall_keys=WallKeys(FakeValues(), log, clock, CountingEntropy()),
        weekly=ConsoleWeekly(lambda: folder / "reports"),
        trace=ConsoleTrace(tracer, log, [Hop("UDP", "192.0.2.1", 5060)]),
        accounts=accounts,
        calls=store,
        events=store,
        reading=reading,
        campaigns=store,
        calling=calling,
        lists=FakeLists(folder),
        list_shares=FakeListShares(),
        campaign_desk=FakeCampaigns(),
        surveys=survey_desk(folder, clock, log, {"return-visit-nov": "return_visit", "spring": "新车主"}),
        campaign_watch=CampaignWatch(log.bus, reading, clock),
        desk=desk,
        probe_runs=desk,
        probes=desk,
        placing=FakePlacing(),
        parking=FakeParking(),
        consulting=FakeConsulting(),
        agents=FakeAgents(log),
        agent_desks=desks,
        dispositions=dispositions,
        disposed=dispositions,
        earlier=store,
        health=health,
        phones=FakePhones(),
        trunks=FakeTrunks(),
        queues=FakeQueues(),
        directory=day.DIRECTORY,
        settings=settings or ConsoleSettings(),
    )
    return House(
        deps, log, clock, store, desk, desks, dispositions, accounts, health, recorder, transfers, supervision, waiting,
        tracer, defence, calling,
    )  # fmt: skip


def _clip(clip: str, speaker: str, length_s: float) -> Pcm:
    path = shared_path("audio", f"{speaker}s", f"{clip}.wav")
    if path is None:  # a hum in place of speech: only its place on the time line matters
        time = np.arange(int(length_s * RATE_HZ)) / RATE_HZ
        return (5000 * np.sin(2 * np.pi * 220 * time) * (1 + np.sin(2 * np.pi * 4 * time)) / 2).astype(np.int16)
    with wave.open(str(path)) as file:
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.int16)


def write_dialogue(path: Path) -> None:
    """The dialogue as a stereo recording: caller left, agent right."""
    length_s = day.dialogue()[1]
    sides = np.zeros((int((length_s + 1.0) * RATE_HZ), 2), np.int16)
    at = 0.4
    for speaker, clip, clip_s, _text in day.DIALOGUE:
        samples = _clip(clip, speaker, clip_s)
        begin = int(at * RATE_HZ)
        sides[begin : begin + len(samples), 0 if speaker == "caller" else 1] = samples
        at += clip_s + day.GAP_S
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(sides.astype("<i2").tobytes())


class Scene:
    """Plays live events into a house: agents on duty, callers waiting and talking."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._count = 0

    def at(self, seconds_ago: float) -> None:
        """Tell the following as having happened then."""
        self._house.clock._now = day.NOW - seconds_ago

    def post(self, call_id: str, *facts: object) -> None:
        for item in facts:
            self._house.log.post(call_id, item)  # type: ignore[arg-type]

    def caller(self, queue: str, *, ago: float, told_s: float = 20.0) -> tuple[str, str]:
        """A caller enters ``queue`` so many seconds ago; his call and entry."""
        self._count += 1
        call_id, entry = f"c-live-{self._count:04d}", f"q-live-{self._count:04d}"
        number = f"+86139{(self._count * 7_654_321) % 100_000_000:08d}"
        self.at(ago + 14)
        self.post(call_id, CallStarted("inbound", number, day.LINE, "carrier"), CallAnswered(), FlowEntered("main"))
        self.at(ago)
        self.post(call_id, MenuChosen("menu_main", queue, "speech", 0.1), QueueEntered(entry, queue))
        self.post(call_id, WaitTold(entry, queue, 0, told_s, 5.0, 60.0))
        return call_id, entry

    def rings(self, call_id: str, entry: str, queue: str, agent: str, *, ago: float) -> None:
        """The agent's phone rings."""
        self.at(ago)
        self.post(call_id, OfferMade(f"o-{entry}", entry, queue, agent), AgentStateChanged(agent, "ringing"))

    def talks(self, queue: str, agent: str, *, ago: float) -> str:
        """A caller who came a little earlier talks to ``agent`` since so many seconds ago."""
        call_id, entry = self.caller(queue, ago=ago + 9)
        self.rings(call_id, entry, queue, agent, ago=ago + 5)
        self.at(ago)
        self.post(
            call_id,
            OfferEnded(f"o-{entry}", entry, queue, agent, "accepted", 5.0),
            QueueLeft(entry, queue, "answered", 9.0, agent),
            TalkStarted(agent, queue),
            AgentStateChanged(agent, "talking"),
        )
        return call_id

    def usual(self) -> None:
        """What the screenshots show."""
        for agent, ago in (("101", 2400), ("102", 900), ("103", 620), ("104", 300), ("105", 75), ("106", 9)):
            self.at(ago)
            self.post("", AgentStateChanged(agent, "available"))
        self.at(820)
        self.post("", AgentStateChanged("107", "paused", "用餐"))
        self.post("", AgentStateChanged("108", "offline", "no_phone"))
        self.talks("sales", "101", ago=184)
        self.talks("service", "103", ago=96)
        self.talks("service", "104", ago=41)
        self.at(12)
        self.post("", AgentStateChanged("102", "wrap_up"))
        self.caller("service", ago=47, told_s=60)
        self.caller("service", ago=23, told_s=90)
        call_id, entry = self.caller("tradein", ago=8)
        self.rings(call_id, entry, "tradein", "105", ago=6)
        self.at(5)
        self.post("c-menu", CallStarted("inbound", "+8613755512345", day.LINE, "carrier"), CallAnswered())
        self.post("c-menu", FlowEntered("main"))
        self.at(0)

    def hang_up(self, call_id: str, entry: str, queue: str, waited_s: float) -> None:
        """The caller gives up waiting."""
        self.post(call_id, QueueLeft(entry, queue, "abandoned", waited_s), CallEnded("normal", "caller"))
