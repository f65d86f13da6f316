"""What the console gets of the running house."""

import os
from collections.abc import Sequence
from datetime import date
from importlib.metadata import version
from typing import Final
from zoneinfo import ZoneInfo

from archive.peaks import Peaks
from console.deps import ConsoleDeps, ConsoleSettings
from console.desk_views import ProbeView
from console.disposition_views import DispositionEntry
from console.from_store import StoredQueries
from console.list_ports import ListControl
from console.operation_views import ReloadView
from console.ports import AgentEntry, Directory, PauseEntry, QueueEntry, Reading
from console.survey_views import SurveyTitle
from console.views import Component, RecordingState
from core.events import Log
from service.agent_desks import ServedDesks
from service.build import Built
from service.calling import ConsoleCalling
from service.campaign_words import CampaignWords
from service.config_desk import dispositions_of
from service.config_model import Config
from service.console_callbacks import ConsoleCallbacks
from service.console_previews import ConsolePreviews
from service.consulting import Consulting
from service.customer_records import CustomerRecords
from service.dispositions import LATE_S, SaidDispositions
from service.from_config import key_file, recordings_folder
from service.keeping import RecordingHealth, recording_health
from service.lockouts import ConsoleLockouts
from service.loopwatch import LagReport
from service.metrics import HouseMetrics
from service.offer_desk import OfferDesk
from service.parking import ParkDesk
from service.phone_status import PhoneStatus
from service.probing import Prober
from service.qualify import trunk_state
from service.queue_status import QueueStatus
from service.reload import Reloaded, Reloader, Renewal
from service.selecting import day_of
from service.sent import SentIntake
from service.survey_titles import survey_titles
from service.tradein_desk import TradeinDesk
from service.trunk_status import TrunkStatus
from service.waiting import WaitingRoom
from service.wall_keys import WallKeys
from service.weekly_papers import ConsoleWeekly
from service.weekly_plan import weekly_folder
from service.wire_counts import ConsoleCounts
from service.wire_trace import ConsoleTrace
from store.keeping import Keeping
from telephony.recorder import Recorder

SLOW_S: Final = 0.2
"""A stop of the control process that a caller may notice: keys and answers come so much later."""


def console_deps(built: Built, reading: Reading, lists: ListControl) -> ConsoleDeps:
    """What ``create_app`` needs but for selections, lists of records and the live board of campaigns; ``reading``
    answers what takes long, ``lists`` takes contacts in.
    """
    config, store = built.base.config, built.base.store
    queries = StoredQueries.of(store, zone=config.zone)
    directory = directory_of(config)
    words = CampaignWords(store.settling, built.outbound, built.base.clock, ZoneInfo(config.zone))

    async def lately(agent: str, call_id: str) -> str | None:
        return await store.dispositions.talked_since(agent, call_id, built.base.clock.now() - LATE_S)

    dispositions = SaidDispositions(dispositions_of(config), built.house.distributor, store.log, words, lately)

    def follow(new: Renewal) -> None:
        directory.change(directory_of(new.config))
        dispositions.change(dispositions_of(new.config))

    def day(at: float) -> date:
        return day_of(config, at)

    built.base.reloader.follow(follow)
    return ConsoleDeps(
        clock=built.base.clock,
        bus=built.base.bus,
        entropy=os.urandom,
        recordings=recordings_folder(config),
        recording_key=key_file(config),
        recorder=ConsoleRecordings(built.exchange.recorder, store.keeping),
        transfers=built.house.transfers,
        supervision=built.supervision,
        waiting=WaitingRoom(built.house),
        accounts=queries.accounts,
        calls=queries.calls,
        events=queries.events,
        reading=reading,
        campaigns=queries.campaigns,
        calling=ConsoleCalling(store.calling, store.promises, built.outbound, built.base.clock),
        lists=lists,
        sent=SentIntake(store, built.outbound, built.base.clock, ZoneInfo(config.zone), built.base.tasks.spawn),
        campaign_desk=built.campaigns,
        surveys=built.surveys,
        desk=store.desk,
        probe_runs=store.probes,
        probes=ConsoleProbes(built.prober),
        placing=built.placing,
        previews=ConsolePreviews(built.previews, built.outbound.script),
        forms=built.forms,
        consulting=Consulting(built.house),
        parking=ParkDesk(built.house.lot, built.house.transfers, built.house.distributor),
        agent_states=store.agents,
        agents=built.agents,
        agent_desks=ServedDesks(built.house.distributor, store.log),
        dispositions=dispositions,
        disposed=store.dispositions,
        earlier=queries.calls,
        health=HouseHealth(built),
        config=ConsoleConfig(built.base.reloader, store.log),
        sip=ConsoleCounts(built.exchange.tracer.counters, built.base.clock.now()),
        lockouts=ConsoleLockouts(built.exchange.defence, built.base.clock),
        wall_keys=WallKeys(store.settings, store.log, built.base.clock, os.urandom),
        weekly=ConsoleWeekly(lambda: weekly_folder(built.base.reloader.config)),
        metrics=HouseMetrics(built),
        trace=ConsoleTrace(built.exchange.tracer, store.log, built.exchange.stack.addresses),
        phones=phone_status(built),
        callbacks=ConsoleCallbacks(built.house.callbacks) if built.house.callbacks is not None else None,
        contacts=store.contact_cards,
        list_shares=store.list_shares,
        records=CustomerRecords(store, built.base.clock, built.offers.offers, day),
        tradein=TradeinDesk(store, built.house.distributor, built.base.clock, built.offers.offers, day),
        offers=OfferDesk(built.offers, store, built.base.clock, day),
        trunks=trunk_status(built),
        queues=QueueStatus(lambda: built.base.reloader.config, built.house.distributor, built.base.clock),
        directory=directory,
        settings=ConsoleSettings(version=version("line400"), zone=config.zone, metrics_token=config.http.metrics_token),
    )


def phone_status(built: Built) -> PhoneStatus:
    """Agents' phones, for the page and the health."""
    return PhoneStatus(built.exchange.phones, lambda: built.exchange.phone_watch.agents, built.base.clock)


def trunk_status(built: Built) -> TrunkStatus:
    """How the trunks stand."""
    exchange = built.exchange
    return TrunkStatus(exchange.trunks, exchange.registrations, exchange.qualifier, built.base.clock)


def directory_of(config: Config) -> Directory:
    """Queues and agents in the order of the configuration."""
    queues_of = {
        agent.id: tuple(queue.name for queue in config.queues if agent.id in queue.agents or queue.name in agent.queues)
        for agent in config.agents
    }
    return Directory(
        queues=tuple(
            QueueEntry(queue.name, queue.title or queue.name, queue.service_level_s) for queue in config.queues
        ),
        agents=tuple(
            AgentEntry(agent.id, agent.name or agent.id, agent.id, queues_of[agent.id]) for agent in config.agents
        ),
        pause_reasons=tuple(pause.name for pause in config.pauses) or Directory().pause_reasons,
        pauses=tuple(PauseEntry(pause.name, pause.en, pause.minutes) for pause in config.pauses),
        dispositions=tuple(
            DispositionEntry(
                each.code, each.zh, each.en, tuple(sorted(each.queues)), tuple(map(str, each.asks_for)), each.then.value
            )
            for each in dispositions_of(config)
        ),
        surveys=tuple(SurveyTitle(name, title.zh, title.en) for name, title in survey_titles(config).items()),
    )


class ConsoleProbes:
    """``console.ports.ProbeControl`` over the prober."""

    def __init__(self, prober: Prober) -> None:
        self._prober = prober

    def probes(self) -> Sequence[ProbeView]:
        """See the port."""
        due, plans = self._prober.due, self._prober.plans.values()
        return [ProbeView(plan.name, plan.number, plan.trunk, plan.when, due(plan.name)) for plan in plans]

    def start(self, probe: str, by: str) -> str:
        """See the port."""
        return self._prober.start(probe, by)


class ConsoleConfig:
    """``console.ports.ConfigControl`` over the reloader."""

    def __init__(self, reloader: Reloader, log: Log) -> None:
        self._reloader = reloader
        self._log = log

    async def reload(self, by: str) -> ReloadView:
        """See the port."""
        return _reload_view(await self._reloader.reload(by, self._log))

    async def changes(self) -> ReloadView:
        """See the port."""
        return _reload_view(await self._reloader.preview())


def _reload_view(done: Reloaded) -> ReloadView:
    return ReloadView(list(done.changed), list(done.waiting), list(done.warnings))


class ConsoleRecordings:
    """``console.ports.RecordingControl`` over the recorder and the store."""

    def __init__(self, recorder: Recorder, keeping: Keeping) -> None:
        self._recorder = recorder
        self._keeping = keeping

    def state(self, call_id: str) -> RecordingState:
        """See the port."""
        return self._recorder.state(call_id)

    async def pause(self, call_id: str, by: str) -> None:
        """See the port."""
        await self._recorder.pause(call_id, by)

    async def resume(self, call_id: str, by: str) -> None:
        """See the port."""
        await self._recorder.resume(call_id, by)

    async def hold(self, recording: str, by: str, why: str) -> None:
        """See the port."""
        await self._keeping.hold(recording, by, why)

    async def release(self, recording: str, by: str) -> None:
        """See the port."""
        await self._keeping.release(recording, by)

    async def delete(self, recording: str, by: str) -> None:
        """See the port."""
        await self._keeping.delete(recording, by, "wish")

    async def peaks(self, recording: str) -> Peaks | None:
        """See the port."""
        return await self._keeping.peaks(recording)


class HouseHealth:
    """``console.ports.Health``: each part of the house, the most important first."""

    def __init__(self, built: Built) -> None:
        self._built = built

    async def components(self) -> Sequence[Component]:
        """How each part is now."""
        built = self._built
        log = built.base.store.log.health()
        workers = built.exchange.media.workers_up
        parts = [
            Component(
                "database",
                "ok" if log.failing_since is None else "down",
                f"{log.last_seq} events",
                "database_events",
                [log.last_seq],
            ),
            Component("media", "ok" if workers else "down", f"{workers} workers", "media_workers", [workers]),
            Component("recogniser", "ok")
            if built.recognisers is not None
            else Component("recogniser", "off", "line400 models install whisper-base", "recogniser_off"),
            recordings_part(await recording_health(built.base.config, built.exchange.recorder, built.base.clock)),
            loop_part(built.watch.report()),
        ]
        parts.append(phone_status(built).component())
        for trunk in built.exchange.trunks.all():
            state = trunk_state(built.exchange.registrations, built.exchange.qualifier, trunk.name)
            calls = built.exchange.trunks.calls(trunk.name)
            parts.append(
                Component(
                    f"trunk {trunk.name}",
                    state.level,
                    f"{state.text}; {calls} calls",
                    state.code,
                    [calls, state.status],
                )
            )
        return parts


def recordings_part(health: RecordingHealth) -> Component:
    """The recordings: degraded for a while after a fault and where the disk is nearly full."""
    state = "ok" if health.well else "degraded"
    if health.fault:
        return Component(
            "recordings", state, f"{health.recording} {health.fault}".strip(), "recordings_fault", [health.fault]
        )
    free_gb = round((health.free_bytes or 0) / 1e9, 1)
    return Component("recordings", state, f"{free_gb} GB free", "recordings_free", [str(free_gb)])


def loop_part(lag: LagReport) -> Component:
    """The control process: degraded while it lately stood still for so long that callers may have noticed."""
    figures = [lag.blocks, round(lag.watched_s), *(round(1000 * s) for s in (lag.worst_s, lag.busiest_s, lag.recent_s))]
    blocks, watched_s, worst_ms, busiest_ms, recent_ms = figures
    return Component(
        "event_loop",
        "ok" if lag.recent_s < SLOW_S else "degraded",
        f"{blocks} stops over 20 ms in {watched_s} s, worst {worst_ms} ms, lately {recent_ms} ms; "
        f"own computation at most {busiest_ms} ms",
        "event_loop_stops",
        [blocks, watched_s, worst_ms, busiest_ms, recent_ms],
    )
