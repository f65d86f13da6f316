"""Puts the house together: foundation, telephone exchange, call distribution, recognition, campaigns; each made once,
started in the order in which they lean on each other and stopped in reverse. Nothing here decides anything about calls.
"""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from acd.distributor import Distributor
from asr.ears import RecogniserPool
from asr.jobs import TranscriptJobs
from campaigns.rooms import Rooms
from campaigns.survey import Survey
from campaigns.turns import Turns
from ivr.queue_prompts import QueuePrompts
from service import from_config as values
from service.answering import listener_of
from service.call_forms import CallForms
from service.callbacks import Callbacks
from service.callers import Callers, caller_rules
from service.campaign_agents import CampaignAgents, suited_agents
from service.campaign_book import CampaignBook, read_book
from service.campaign_desk import CampaignDesk
from service.campaign_setups import CampaignSetup, setups_of
from service.config_callback import callback_terms
from service.config_calling import rules_of
from service.config_distribution import profiles_of
from service.config_model import Config
from service.config_ways import ways_of
from service.console_agents import ConsoleAgents
from service.duty import resume_duty
from service.exchange import Exchange, open_exchange
from service.features import Features, pauses_of
from service.form_results import FormResults
from service.foundation import Foundation, lay_foundation
from service.house import House
from service.journeys.callback import call_back
from service.journeys.callback_customer import call_customer
from service.keeping import start_keeping
from service.loopwatch import LoopWatch
from service.low_scores import LowScores
from service.newly_due import NewlyDue
from service.offer_book import OfferBook
from service.orders import watch as watch_orders
from service.outbound import Outbound
from service.park import Lot
from service.placing import Placing
from service.presence import Presence
from service.previews import PreviewBook
from service.probing import Prober, ProbeRooms
from service.promised_calls import PromisedCalls
from service.reception import Reception
from service.recognition import start_recognisers
from service.reload import Renewal
from service.routes import Routes
from service.rule_book import RuleBook
from service.supervision import Supervision
from service.survey_desk import SurveyDesk
from service.targets import Targets
from service.transfers import Transfers
from service.trunk_room import SharedTrunks, reserves_of
from store.store import Store
from telephony.facts import RecordingFinished
from telephony.recorder import Recorder
from telephony.switchboard import Switchboard

_log = logging.getLogger("line400.service")
LOOK_FOR_PHONES_S: Final = 2.0
SHORT_ABSENCE_S: Final = 600.0
"""After a restart within this time agents are on duty as they were."""
FINISH_S: Final = 15.0
"""How long the last recordings may take to close when the service stops."""


@dataclass(frozen=True, slots=True)
class Built:
    """The running house, for those who look at it from outside: the console, the command line, MQTT."""

    base: Foundation
    exchange: Exchange
    house: House
    recognisers: RecogniserPool | None
    outbound: Outbound
    campaigns: CampaignDesk
    offers: OfferBook
    surveys: SurveyDesk
    prober: Prober
    previews: PreviewBook
    forms: CallForms
    placing: Placing
    agents: ConsoleAgents
    supervision: Supervision
    watch: LoopWatch


async def build(config: Config, exits: AsyncExitStack, path: Path | None = None) -> Built:
    """Start everything; ``exits`` stops it again. ``ConfigError`` or ``Unavailable`` says what cannot be had. ``path``
    is where ``config`` was read, and is read again.
    """
    base = await lay_foundation(config, exits, path)
    on_duty = await base.store.agents.now()
    exchange = await open_exchange(base, exits)
    died_at = await _recover(base.store, exchange.recorder)
    await start_keeping(base, exits)
    recognisers = await start_recognisers(config, exits)
    house = _house(base, exchange, recognisers)
    agents = ConsoleAgents(house.distributor, frozenset(agent.id for agent in config.agents), base.store.log)
    supervision = Supervision(house)
    reception = Reception(house, _features(base, house, agents, supervision))
    base.reloader.began_with(house.flows)
    base.reloader.follow(lambda new: _change(new, house, reception, agents))
    if base.clock.now() - died_at < SHORT_ABSENCE_S:
        resume_duty(house.distributor, on_duty, {agent.id for agent in config.agents})
    if recognisers is not None:
        _transcribe(base, recognisers)
    _follow_phones(base, exchange, house.distributor)
    book = await read_book(config, base.store)
    outbound, campaigns, previews, forms, renew = _outbound(base, exchange, reception, recognisers, book)
    surveys = SurveyDesk(book, base.store, house.prompts, values.handed_prompts(config), renew)
    prober = _prober(base, exchange)
    watch = LoopWatch(interval_s=config.loop_watch_ms / 1000)
    base.tasks.keep("loop watch", watch.run)
    exits.push_async_callback(_hang_up_all, exchange.switchboard, house)
    exchange.switchboard.open_for_calls(reception.welcome)
    await outbound.take_up()
    if house.callbacks is not None:
        promised = await base.store.callbacks.open()
        house.callbacks.open(
            house.distributor,
            lambda trial: call_back(trial, reception.house),
            promised,
            lambda trial: call_customer(trial, reception.house),
        )
    placing = Placing(lambda: reception.house, exchange.switchboard.tolls)
    offers = OfferBook(lambda: base.reloader.config, await base.store.tradein_offers.all())
    return Built(
        base, exchange, house, recognisers, outbound, campaigns, offers, surveys, prober, previews, forms, placing,
        agents,
        supervision, watch,
    )  # fmt: skip


def _house(base: Foundation, exchange: Exchange, recognisers: RecogniserPool | None) -> House:
    """What journeys work with."""
    config = base.config
    prompts = values.prompts_of(config)
    announcer = QueuePrompts(prompts)
    agents = [agent.id for agent in config.agents]
    hours, flows = values.hours_of(config), values.flows_of(config)  # what they need was checked with the configuration
    routes = Routes(config.numbers)
    dials, allowed = bool(config.dialling.trunk), config.dialling.allowed
    targets = Targets(routes, agents, abroad=bool(config.transfer.trunk), dials=dials, allowed=allowed)
    lot = Lot(config.features)
    transfers = Transfers(targets, exchange.switchboard.tolls, lot)
    exchange.switchboard.handover.on_referral = transfers.refer
    return House(
        clock=base.clock,
        ids=base.ids,
        log=base.store.log,
        tasks=base.tasks,
        room=exchange.room,
        recorder=exchange.recorder,
        phones=exchange.switchboard,
        distributor=Distributor(
            values.queues_of(config),
            log=base.store.log,
            clock=base.clock,
            ids=base.ids,
            phones=exchange.switchboard,
            announcer=announcer,
            agents=agents,
            profiles=profiles_of(config),
            draw=random.Random().random,
        ),
        callers=Callers(base.clock, base.store.past, caller_rules(config)),
        announcer=announcer,
        ears=recognisers,
        prompts=prompts,
        hours=hours,
        flows=flows,
        ratings=values.ratings_of(config),
        routes=routes,
        targets=targets,
        transfers=transfers,
        mover=exchange.switchboard.handover,
        outside=exchange.switchboard,
        early=exchange.switchboard,
        alerting=exchange.switchboard,
        callbacks=Callbacks(
            base.clock,
            base.ids,
            base.store.log,
            base.tasks,
            callback_terms(config, hours),
            lambda: exchange.switchboard.tolls.rules,
        ),
        transfer_trunk=config.transfer.trunk,
        dialling=config.dialling,
        lot=lot,
        ways=ways_of(config, prompts),
        promised=PromisedCalls(base.store.promises, base.store.sent_contacts),
    )


def _features(base: Foundation, house: House, agents: ConsoleAgents, supervision: Supervision) -> Features:
    """What phones may ask for by codes."""
    return Features(
        base.config.features,
        acts=agents,
        agents=house.distributor,
        transfers=house.transfers,
        supervision=supervision,
        lot=house.lot,
        people=base.store.accounts,
        log=base.store.log,
        reasons=pauses_of(base.config),
    )


def _transcribe(base: Foundation, recognisers: RecogniserPool) -> None:
    """Every finished recording wakes the transcript jobs."""
    jobs = TranscriptJobs(base.store.transcripts, recognisers, base.store.log, base.clock)
    base.bus.subscribe(lambda event: jobs.wake() if isinstance(event.fact, RecordingFinished) else None)
    base.tasks.keep("transcripts", jobs.run)


def _follow_phones(base: Foundation, exchange: Exchange, distributor: Distributor) -> None:
    """Registrations and what the phones' pulse says count at once; registrations that end in silence within
    ``LOOK_FOR_PHONES_S``.
    """
    agents = [agent.id for agent in base.config.agents]
    presence = Presence(agents, exchange.phones, distributor, base.clock)

    def registered(agent: str) -> None:
        exchange.kept_phones.changed(agent)
        exchange.phone_watch.registered(agent)
        presence.look_at(agent)

    exchange.registrar.on_change = registered
    exchange.phone_watch.told = presence.look_at

    async def look_now_and_then() -> None:
        while True:
            presence.look()
            await asyncio.sleep(LOOK_FOR_PHONES_S)

    base.tasks.keep("phones", look_now_and_then)
    base.reloader.follow(lambda new: presence.change(agent.id for agent in new.config.agents))


def _outbound(
    base: Foundation,
    exchange: Exchange,
    reception: Reception,
    recognisers: RecogniserPool | None,
    campaigns: CampaignBook,
) -> tuple[Outbound, CampaignDesk, PreviewBook, CallForms, Callable[[], None]]:
    """The campaigns, ready to be started, who takes orders for them, what they show to agents, what these fill in, and
    what tells the dialers that something of all this is new.
    """
    house = reception.house

    def asked(campaign: str) -> Survey | None:
        return outbound.survey(campaign)

    book = RuleBook(rules_of(base.config, house.hours))
    results = FormResults(base.bus, base.store.log)
    trunks = SharedTrunks(exchange.trunks, base.clock, reserves_of(base.config))
    agents = CampaignAgents(lambda: reception.house, base.bus, base.store.reached, _suited(base.config), results.of)
    scored = LowScores(base.store.log, base.store.desk, asked)
    rooms = Rooms(
        outside=exchange.switchboard,
        store=base.store.contacts,
        log=scored,
        clock=base.clock,
        ids=base.ids,
        prompts=house.prompts,
        ears=house.ears,
        hours=house.hours,
        listener=listener_of(base.config, exchange, recognisers),
        rules=lambda: book.rules,
        turns=Turns(trunks),
    )
    outbound = Outbound(setups_of(campaigns), rooms, exchange.recorder, base.tasks, agents)

    def renew() -> None:
        setups = setups_of(campaigns)
        outbound.change(setups, values.hours_of(campaigns.config))
        base.tasks.spawn("survey forms", _keep_forms(base.store, setups))

    renew()
    if house.promised is not None:
        house.promised.campaigns = outbound
    desk = CampaignDesk(campaigns, outbound, base.store, base.clock, renew)
    log, orders = base.store.log, base.store.settings
    base.tasks.keep("newly due", NewlyDue(base.store.events, outbound.look).run)
    base.tasks.keep("orders", lambda: watch_orders(orders, desk, lambda: desk.names, log))

    def follow(new: Renewal) -> None:
        campaigns.config = new.config
        renew()
        trunks.reserves, agents.suited = reserves_of(new.config), _suited(new.config)
        if book.change(rules_of(new.config, values.hours_of(new.config))):
            outbound.rules_changed()

    base.reloader.follow(follow)
    forms = CallForms(
        base.store.call_forms,
        outbound,
        base.store.calling,
        base.store.promises,
        scored,
        results,
        base.clock,
        values.zone_of(base.config),
    )
    return outbound, desk, agents.previews, forms, renew


def _prober(base: Foundation, exchange: Exchange) -> Prober:
    """The test calls to our own numbers, under way."""
    rooms = ProbeRooms(
        outside=exchange.switchboard,
        press=exchange.media.send_digits,
        log=base.store.log,
        bus=base.bus,
        clock=base.clock,
        ids=base.ids,
        tasks=base.tasks,
        zone=values.zone_of(base.config),
    )
    prober = Prober(values.probes_of(base.config), rooms)
    base.tasks.keep("probes", prober.run)
    base.reloader.follow(lambda new: prober.change(values.probes_of(new.config)))
    return prober


def _suited(config: Config) -> dict[str, frozenset[str]]:
    return suited_agents(values.queues_of(config), profiles_of(config))


async def _keep_forms(store: Store, setups: Mapping[str, CampaignSetup]) -> None:
    """What the surveys in use ask, for their reports."""
    for survey in {it.survey.version: it.survey for it in setups.values() if it.survey is not None}.values():
        await store.campaign_reports.keep(survey.form)


def _change(new: Renewal, house: House, reception: Reception, acts: ConsoleAgents) -> None:
    """Call distribution, transfers and new calls go by what holds now."""
    config, routes = new.config, Routes(new.config.numbers)
    agents = [agent.id for agent in config.agents]
    house.distributor.change(values.queues_of(config), agents, profiles_of(config))
    acts.change(frozenset(agents))
    reception.features.settings = house.lot.settings = config.features
    reception.features.reasons = pauses_of(config)
    house.callers.rules = caller_rules(config)
    abroad, dials = bool(config.transfer.trunk), bool(config.dialling.trunk)
    house.targets.change(routes, agents, abroad=abroad, dials=dials, allowed=config.dialling.allowed)
    hours, ways, ratings = values.hours_of(config), ways_of(config, house.prompts), values.ratings_of(config)
    reception.change(hours, new.flows, routes, config.transfer.trunk, ways, ratings, config.dialling)
    if house.callbacks is not None:
        house.callbacks.terms = callback_terms(config, hours)


async def _recover(store: Store, recorder: Recorder) -> float:
    """Take up the truth after a crash: end what was up, mend the files that were being written. When we last lived."""
    recovered = await store.recover()
    _log.info("recovered: %s", recovered)
    for item in await store.unfinished_recordings():
        await recorder.mend_stored(item.call_id, item.recording, item.path)
    return recovered.died_at


async def _hang_up_all(switchboard: Switchboard, house: House) -> None:
    """The service stops: no new calls, the others end with a reason, recordings are closed."""
    switchboard.close_for_calls()
    if house.callbacks is not None:
        house.callbacks.hold()
    await house.distributor.close()
    await asyncio.gather(*(leg.hang_up() for leg in switchboard.legs))
    await house.tasks.settle(FINISH_S)
