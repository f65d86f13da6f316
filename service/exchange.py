"""The telephone exchange of the house: media workers, the SIP stack, trunks, agents' phones, the switchboard."""

import secrets
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass

from core.clock import Clock
from service import from_config as values
from service.addresses import reachable
from service.config_model import Config
from service.foundation import Foundation
from service.locating import Locator
from service.phone_keeping import FILE, PhoneFile
from service.phone_watch import PhoneWatch
from service.qualify import Qualifier
from service.registrations import Registrations
from service.reload import Renewal
from telephony.audio import AudioRoom
from telephony.defence import Defence, DefenceSettings
from telephony.doorkeeper import Doorkeeper
from telephony.incidents import Incidents
from telephony.kept_phones import KeptPhones
from telephony.media.client import MediaClient
from telephony.names import DnsNames
from telephony.phone_pulse import PhonePulses
from telephony.phones import Phones
from telephony.recorder import Recorder
from telephony.registrar import Registrar
from telephony.sip.digest_server import DigestServer
from telephony.sip.endpoint import Endpoint
from telephony.sip.settings import SipSettings
from telephony.sip.stack import SipStack
from telephony.sip.trace import Tracer
from telephony.switchboard import Switchboard
from telephony.tolls import Tolls
from telephony.trunk import TrunkBook


@dataclass(frozen=True, slots=True)
class Exchange:
    """Running; the switchboard refuses calls until it is opened for them."""

    media: MediaClient
    stack: SipStack
    room: AudioRoom
    recorder: Recorder
    trunks: TrunkBook
    registrar: Registrar
    kept_phones: KeptPhones
    phones: Phones
    switchboard: Switchboard
    registrations: Registrations
    qualifier: Qualifier
    phone_watch: PhoneWatch
    tracer: Tracer
    defence: Defence


async def open_exchange(base: Foundation, exits: AsyncExitStack) -> Exchange:
    """Start it; ``Unavailable`` names the address that cannot be had or the worker that does not start."""
    config, clock, ids, log = base.config, base.clock, base.ids, base.store.log
    media = await _media(config, exits)
    room = AudioRoom(media, ids)
    tracer = Tracer(clock.now)
    stack = await _sip(config, clock, tracer, exits)
    trunks = TrunkBook(values.trunks_of(config), values.trunk_groups_of(config))
    passwords = values.passwords_of(config)
    digest = DigestServer(config.sip.realm, secrets.token_bytes(32), algorithms=config.sip.digest)
    registrar = Registrar(digest, passwords, values.registrar_limits_of(config))
    # phones are reached by the way that they came
    stack.set_wide(lambda hop: not registrar.knows(hop.host, clock.now()))
    stack.watch_flows(lambda hop: registrar.flow_lost(hop, clock.now()))
    pulses = PhonePulses(config.sip.phone_options_s)
    phones = Phones(
        registrar, values.fixed_phones_of(config), values.phone_terms_of(config), pulses, values.phone_traits_of(config)
    )
    digest.leniency = lambda user: phones.traits_of(user).leniency
    registrar.path_unasked = lambda agent: phones.traits_of(agent).path_unasked
    stack.set_symmetric(lambda user: phones.traits_of(user).symmetric)
    defence = Defence(values.defence_of(config), Incidents(lambda fact: log.post("", fact)))
    digest.bound_to = defence.nonce_source
    switchboard = Switchboard(
        stack=stack,
        room=room,
        log=log,
        clock=clock,
        ids=ids,
        trunks=trunks,
        phones=phones,
        doorkeeper=Doorkeeper(trunks, registrar, digest, passwords, defence),
        tracer=tracer,
        tolls=Tolls(clock.now, values.tolls_of(config), log.post),
    )
    stack.watch_flows(switchboard.flow_lost)
    kept_phones = KeptPhones(registrar, passwords)
    await _keep_phones(base, kept_phones, lambda: drop_barred(defence, registrar), exits)
    locator = Locator(DnsNames(values.name_servers_of(config)), stack, trunks, clock)
    await locator.first()
    base.tasks.keep("trunks' names", locator.run)
    registrations = Registrations(stack, switchboard, trunks, clock)
    registrations.begin(base.tasks)
    stack.watch_flows(registrations.flow_lost)
    qualifier = Qualifier(stack, switchboard, trunks, clock, log)
    base.tasks.keep("trunks' pulse", qualifier.run)
    phone_watch = PhoneWatch([agent.id for agent in config.agents], phones, stack, switchboard, clock, log)
    base.tasks.keep("phones' pulse", phone_watch.run)
    exits.push_async_callback(registrations.leave)

    def follow(new: Renewal) -> None:
        trunks.change(values.trunks_of(new.config), values.trunk_groups_of(new.config))
        qualifier.change()
        base.tasks.spawn("registrations change", registrations.change(base.tasks))
        change_passwords(passwords, values.passwords_of(new.config), registrar, clock.now())
        phones.change(values.fixed_phones_of(new.config), values.phone_traits_of(new.config))
        phone_watch.change(agent.id for agent in new.config.agents)
        switchboard.tolls.rules = values.tolls_of(new.config)
        change_defence(defence, values.defence_of(new.config), registrar)

    base.reloader.follow(follow)
    return Exchange(
        media=media,
        stack=stack,
        room=room,
        recorder=Recorder(room, log, ids, clock, values.recordings_folder(config), values.zone_of(config)),
        trunks=trunks,
        registrar=registrar,
        kept_phones=kept_phones,
        phones=phones,
        switchboard=switchboard,
        registrations=registrations,
        qualifier=qualifier,
        phone_watch=phone_watch,
        tracer=tracer,
        defence=defence,
    )


async def _keep_phones(base: Foundation, kept: KeptPhones, drop: Callable[[], None], exits: AsyncExitStack) -> None:
    """Phones that were registered when an earlier run ended are so still, but those that ``drop`` forgets; and from now
    on they are kept for the next.
    """
    file = PhoneFile(base.config.data_folder / FILE, kept, base.clock)
    await file.restore(drop)
    base.tasks.keep("phones kept", file.run)
    exits.push_async_callback(file.write)


def change_defence(defence: Defence, new: DefenceSettings, registrar: Registrar) -> None:
    """``new`` holds from now on."""
    defence.change(new)
    drop_barred(defence, registrar)


def drop_barred(defence: Defence, registrar: Registrar) -> None:
    """Phones that are registered where they may no longer be are forgotten."""
    registrar.keep_only(lambda agent, host: not defence.is_blocked(host) and defence.allows_phone(agent, host))


def change_passwords(kept: dict[str, str], new: Mapping[str, str], registrar: Registrar, now: float) -> None:
    """``kept``, which registrar and doorkeeper look into, becomes ``new``. Phones that have proved a password which
    holds no more are forgotten: whoever has only the old one gets no calls.
    """
    for agent in [agent for agent, password in kept.items() if new.get(agent) != password]:
        del kept[agent]
        registrar.forget(agent, now)
    kept.update(new)


async def _media(config: Config, exits: AsyncExitStack) -> MediaClient:
    settings = config.media
    media = MediaClient(
        workers=values.media_workers(config),
        bind_host=settings.host,
        advertised_host=settings.advertised or reachable(settings.host),
        port_range=(settings.port_min, settings.port_max),
        rtp_silent_s=settings.silent_s,
        remote=values.remote_workers(config),
    )
    await media.start()
    exits.push_async_callback(media.shut_down)
    return media


async def _sip(config: Config, clock: Clock, tracer: Tracer, exits: AsyncExitStack) -> SipStack:
    settings = config.sip
    listen = values.listen_of(config)
    stack = SipStack(
        Endpoint(
            listen, entropy=secrets.token_bytes, settings=SipSettings(udp_limit=settings.udp_limit), tracer=tracer
        ),
        clock,
        listen,
        advertise=settings.advertised or reachable(settings.host),
        tls=values.tls_of(config),
        origins=settings.ws_origins,
        per_host=settings.connections_per_address,
    )
    await stack.start()
    exits.push_async_callback(stack.close)
    return stack
