"""Puts the house together: every room is made once, started in the order in which they lean on each other, and stopped
in reverse. Nothing here decides anything about calls.
"""

import asyncio
import logging
import os
import secrets
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass

from acd.distributor import Distributor
from acd.facts import AgentStatus
from asr.ears import RecogniserPool
from asr.jobs import TranscriptJobs
from campaigns.dialer import Rooms
from campaigns.survey import find_survey
from core.bus import Bus
from core.clock import Clock
from core.errors import ConfigError
from core.ids import Ids
from ivr.check import House as FlowNeeds
from ivr.check import check_flow
from ivr.flow import Flow
from ivr.prompts import Prompts
from ivr.queue_prompts import QueuePrompts
from service import from_config as values
from service.addresses import reachable
from service.clock import SystemClock
from service.config_model import Config
from service.house import House
from service.journeys.inbound import inbound
from service.loopwatch import LoopWatch
from service.orders import watch as watch_orders
from service.outbound import CampaignSetup, Outbound
from service.presence import Presence
from service.recognition import start_recognisers
from service.registrations import Registrations
from service.routes import Routes
from service.supervisor import Supervisor
from store.rows import AgentNow
from store.store import Store
from telephony.audio import AudioRoom
from telephony.doorkeeper import Doorkeeper
from telephony.facts import RecordingFinished
from telephony.media.client import MediaClient
from telephony.phones import Phones
from telephony.recorder import Recorder
from telephony.registrar import Registrar
from telephony.sip.digest import DigestServer
from telephony.sip.endpoint import Endpoint
from telephony.sip.hop import Hop
from telephony.sip.stack import SipStack
from telephony.switchboard import Arrival, Switchboard
from telephony.trunk import TrunkBook

_log = logging.getLogger("line400.service")
LOOK_FOR_PHONES_S = 2.0
SHORT_ABSENCE_S = 600.0
"""After a restart within this time agents are on duty as they were."""
FINISH_S = 15.0
"""How long the last recordings may take to close when the service stops."""


@dataclass(frozen=True, slots=True)
class Built:
    """The running house and the rooms that the console and the command line ask."""

    config: Config
    clock: Clock
    bus: Bus
    store: Store
    house: House
    stack: SipStack
    media: MediaClient
    recognisers: RecogniserPool | None
    trunks: TrunkBook
    registrations: Registrations
    outbound: Outbound
    switchboard: Switchboard
    watch: LoopWatch


async def build(config: Config, exits: AsyncExitStack) -> Built:
    """Start everything; ``exits`` stops it again. ``ConfigError`` or ``Unavailable`` says what cannot be had."""
    clock = SystemClock()
    ids = Ids(clock, secrets.token_bytes)
    bus = Bus()
    tasks = Supervisor()
    recordings = values.recordings_folder(config)
    await asyncio.to_thread(recordings.mkdir, parents=True, exist_ok=True)

    store = await exits.enter_async_context(
        await Store.open(values.database_url(config), clock, ids, bus, recordings=recordings)
    )
    exits.push_async_callback(tasks.close)
    media = await _media(config, exits)
    room = AudioRoom(media, ids)
    recorder = Recorder(room, store.log, ids, clock, recordings, values.zone_of(config))
    on_duty = await store.agents.now()
    died_at = await _recover(store, recorder)

    trunks = TrunkBook(values.trunks_of(config))
    stack = await _sip(config, clock, exits)
    passwords = values.passwords_of(config)
    digest = DigestServer(config.sip.realm, secrets.token_bytes(32), algorithms=config.sip.digest)
    registrar = Registrar(digest, passwords)
    phones = Phones(registrar, values.fixed_phones_of(config))
    switchboard = Switchboard(
        stack=stack,
        room=room,
        log=store.log,
        clock=clock,
        ids=ids,
        trunks=trunks,
        phones=phones,
        doorkeeper=Doorkeeper(trunks, registrar, digest, passwords),
    )
    prompts = Prompts(config.prompts)
    announcer = QueuePrompts(prompts)
    agents = [agent.id for agent in config.agents]
    distributor = Distributor(
        values.queues_of(config),
        log=store.log,
        clock=clock,
        ids=ids,
        phones=switchboard,
        announcer=announcer,
        agents=agents,
    )
    if clock.now() - died_at < SHORT_ABSENCE_S:
        _resume_duty(distributor, [item for item in on_duty if item.agent in agents])
    hours, flows = values.hours_of(config), values.flows_of(config)
    _check_flows(config, FlowNeeds(prompts, hours, [queue.name for queue in config.queues], agents), flows)
    recognisers = await start_recognisers(config, exits)
    house = House(
        clock=clock,
        ids=ids,
        log=store.log,
        tasks=tasks,
        room=room,
        recorder=recorder,
        phones=switchboard,
        distributor=distributor,
        announcer=announcer,
        ears=recognisers,
        prompts=prompts,
        hours=hours,
        flows=flows,
        routes=Routes(config.numbers),
    )
    if recognisers is not None:
        jobs = TranscriptJobs(store.transcripts, recognisers, store.log, clock)
        bus.subscribe(lambda event: jobs.wake() if isinstance(event.fact, RecordingFinished) else None)
        tasks.keep("transcripts", jobs.run)

    presence = Presence(agents, phones, distributor, clock)
    registrar.on_change = lambda agent: presence.look()
    tasks.keep("phones", lambda: _watch_phones(presence))
    registrations = Registrations(stack, switchboard, trunks, clock)
    for name, line in registrations.runners():
        tasks.keep(name, line.run)
    exits.push_async_callback(registrations.leave)
    rooms = Rooms(
        outside=switchboard,
        store=store.contacts,
        log=store.log,
        clock=clock,
        ids=ids,
        prompts=prompts,
        ears=recognisers,
        hours=house.hours,
    )
    watch = LoopWatch()
    tasks.keep("loop watch", watch.run)
    setups = {
        item.name: CampaignSetup(values.plan_of(item, config), find_survey(item.survey), item.record)
        for item in config.campaigns
    }
    outbound = Outbound(setups, rooms, recorder, tasks)
    tasks.keep("orders", lambda: watch_orders(store.settings, outbound, setups))
    exits.push_async_callback(_hang_up_all, switchboard, distributor, tasks)
    switchboard.open_for_calls(lambda arrival: _begin(arrival, house))
    await outbound.take_up()
    return Built(
        config=config,
        clock=clock,
        bus=bus,
        store=store,
        house=house,
        stack=stack,
        media=media,
        recognisers=recognisers,
        trunks=trunks,
        registrations=registrations,
        outbound=outbound,
        switchboard=switchboard,
        watch=watch,
    )


def _check_flows(config: Config, needs: FlowNeeds, flows: Mapping[str, Flow]) -> None:
    """``ConfigError`` with everything that the flows which numbers lead to need and the house does not have."""
    used = {number.to.partition(":")[2] for number in config.numbers if number.to.startswith("flow:")}
    faults = [fault for name in sorted(used & flows.keys()) for fault in check_flow(flows[name], needs)]
    if faults:
        raise ConfigError(faults)


def _begin(arrival: Arrival, house: House) -> None:
    house.tasks.spawn(f"call {arrival.leg.call_id}", inbound(arrival, house))


async def _media(config: Config, exits: AsyncExitStack) -> MediaClient:
    settings = config.media
    media = MediaClient(
        workers=settings.workers or max(1, (os.cpu_count() or 2) - 1),
        bind_host=settings.host,
        advertised_host=settings.advertised or reachable(settings.host),
        port_range=(settings.port_min, settings.port_max),
        rtp_silent_s=settings.silent_s,
    )
    await media.start()
    exits.push_async_callback(media.shut_down)
    return media


async def _sip(config: Config, clock: Clock, exits: AsyncExitStack) -> SipStack:
    settings = config.sip
    listen = [
        Hop(transport, settings.host, port)
        for transport, port in (("UDP", settings.udp_port), ("TCP", settings.tcp_port))
        if port >= 0
    ]
    stack = SipStack(
        Endpoint(listen, entropy=secrets.token_bytes),
        clock,
        listen,
        advertise=settings.advertised or reachable(settings.host),
    )
    await stack.start()
    exits.push_async_callback(stack.close)
    return stack


async def _recover(store: Store, recorder: Recorder) -> float:
    """Take up the truth after a crash: end what was up, mend the files that were being written. When we last lived."""
    recovered = await store.recover()
    _log.info("recovered: %s", recovered)
    for item in await store.unfinished_recordings():
        await recorder.mend_stored(item.call_id, item.recording, item.path)
    return recovered.died_at


def _resume_duty(distributor: Distributor, states: Sequence[AgentNow]) -> None:
    """Agents need not sign in again because we were away for a moment; they take calls once their phones register."""
    for item in states:
        if item.state == AgentStatus.PAUSED:
            distributor.pause(item.agent, item.reason)
        elif item.state != AgentStatus.OFFLINE:
            distributor.set_available(item.agent)


async def _watch_phones(presence: Presence) -> None:
    while True:
        presence.look()
        await asyncio.sleep(LOOK_FOR_PHONES_S)


async def _hang_up_all(switchboard: Switchboard, distributor: Distributor, tasks: Supervisor) -> None:
    """The service stops: no new calls, the others end with a reason, recordings are closed."""
    switchboard.close_for_calls()
    await distributor.close()
    await asyncio.gather(*(leg.hang_up() for leg in switchboard.legs))
    await tasks.settle(FINISH_S)
