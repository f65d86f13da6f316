"""Turns the configuration into the values that each room understands. Pure but for reading flow and survey files."""

import os
from collections.abc import Mapping, Sequence
from ipaddress import ip_network
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from acd.queues import QueueRules
from campaigns.gate import Plan
from campaigns.list_order import Order
from campaigns.probe import ProbePlan
from campaigns.rules.values import Purpose
from desk.rating import RatingRules
from ivr.check import House
from ivr.flow import Exit, Flow, HangUp
from ivr.graph import score_question
from ivr.hours import Hours
from ivr.hours_text import parse_hours
from ivr.load import load_flow
from ivr.prompts import Prompts
from service.config_campaigns import lines_of
from service.config_carriers import TrunkConfig
from service.config_distribution import priorities_of, rules_of
from service.config_model import CampaignConfig, Config
from service.config_retry import retry_of
from telephony.defence import DefenceSettings, Network
from telephony.media.handshake import read_secret
from telephony.media.remote import RemoteWorker, place_of
from telephony.name_servers import name_server
from telephony.negotiation import Terms
from telephony.phone_traits import Compat, PhoneTraits
from telephony.registrar import Limits
from telephony.sdp.sdes import Encryption
from telephony.sip.hop import Hop
from telephony.sip.tls import TlsSettings
from telephony.sip.uri import SipUri, parse_sip_uri
from telephony.tolls import TollRules
from telephony.trunk import TrunkGroup, TrunkSettings
from telephony.trunk_identity import Forwarding, IdentityPolicy, Shown
from telephony.trunk_numbers import parse_rule

AUTO: Final = "auto"
"""The transport of a trunk that the DNS is asked for."""
SHIPPED_FLOWS: Final = Path(__file__).resolve().parent.parent / "ivr" / "flows"


def zone_of(config: Config) -> ZoneInfo:
    """The local zone of the house."""
    return ZoneInfo(config.zone)


def database_url(config: Config) -> str:
    """Where the store keeps its tables."""
    return config.database or f"sqlite:///{(config.data_folder / 'line400.db').absolute()}"


def recordings_folder(config: Config) -> Path:
    """Where recordings lie."""
    return (config.recording.folder or config.data_folder / "recordings").absolute()


def key_file(config: Config) -> Path:
    """Where the key of sealed recordings lies, or would."""
    return (config.recording.key_file or config.data_folder / "recordings.key").absolute()


def models_folder(config: Config) -> Path:
    """Where recognition models lie."""
    return config.asr.models_folder or config.data_folder / "models"


def media_workers(config: Config) -> int:
    """How many media workers run on this machine: as many as are configured (-1: none), else one per core but one."""
    return max(0, config.media.workers) if config.media.workers else default_workers()


def default_workers() -> int:
    """One media worker per core but one, which is left to control."""
    return max(1, (os.cpu_count() or 2) - 1)


def remote_workers(config: Config) -> tuple[RemoteWorker, ...]:
    """The media workers on other machines; ``Unavailable`` where the secret cannot be used."""
    media = config.media
    if not media.remote or media.remote_secret is None:
        return ()
    secret = read_secret(media.remote_secret)
    return tuple(RemoteWorker(*place_of(text), secret) for text in media.remote)


def trunks_of(config: Config) -> tuple[TrunkSettings, ...]:
    """The trunks, for telephony."""
    return tuple(
        TrunkSettings(
            name=trunk.name,
            host=trunk.host,
            port=trunk.port,
            transport="" if trunk.transport == AUTO else trunk.transport.upper(),
            sources=trunk.sources,
            register=trunk.register,
            user=trunk.user,
            password=trunk.password,
            proxy=trunk.proxy,
            auth_user=trunk.auth_user,
            expires_s=trunk.expires_s,
            caller_id=trunk.caller_id,
            terms=Terms(trunk.codecs, Encryption(trunk.encryption)),
            max_calls=trunk.max_calls,
            dial_format=trunk.dial_format,
            caller_ids=trunk.caller_ids,
            dial_rules=tuple(parse_rule(rule) for rule in trunk.dial_rules),
            arrival_rules=tuple(parse_rule(rule) for rule in trunk.arrival_rules),
            calls_per_s=trunk.calls_per_s,
            options_s=trunk.options_s,
            outbound=trunk.outbound,
            reach_s=trunk.reach_s,
            identity=identity_of(trunk),
        )
        for trunk in config.trunks
    )


def identity_of(trunk: TrunkConfig) -> IdentityPolicy:
    """What the carrier is told about callers, and what it is believed."""
    return IdentityPolicy(
        shown=Shown(trunk.identity),
        by_account=trunk.from_account,
        domain=trunk.domain,
        private=trunk.private,
        trusted=trunk.trusted,
        forwarding=Forwarding(trunk.forwarding),
        reasons=trunk.reasons,
    )


def trunk_groups_of(config: Config) -> tuple[TrunkGroup, ...]:
    """Trunks that stand in for each other."""
    return tuple(TrunkGroup(group.name, group.trunks, group.weights) for group in config.trunk_groups)


def name_servers_of(config: Config) -> tuple[tuple[str, int], ...]:
    """Name servers for carriers' names as address and port; none: those of the system."""
    return tuple(name_server(text) for text in config.sip.name_servers)


def listen_of(config: Config) -> list[Hop]:
    """Where SIP listens; ports below 0 are off."""
    sip = config.sip
    ports = (
        ("UDP", sip.udp_port),
        ("TCP", sip.tcp_port),
        ("TLS", sip.tls_port),
        ("WS", sip.ws_port),
        ("WSS", sip.wss_port),
    )
    return [Hop(transport, sip.host, port) for transport, port in ports if port >= 0]


def tls_of(config: Config) -> TlsSettings | None:
    """Our certificate for SIP, where there is one."""
    sip = config.sip
    if sip.tls_certificate is None:
        return None
    return TlsSettings(sip.tls_certificate, sip.tls_key, sip.tls_authorities, sip.tls_verify_clients, sip.tls_more)


def queues_of(config: Config) -> tuple[QueueRules, ...]:
    """The queues' rules, for call distribution."""
    return tuple(rules_of(queue, config) for queue in config.queues)


def thresholds_of(config: Config) -> tuple[tuple[str, float], ...]:
    """T of the service levels by queue, seconds, for reports."""
    return tuple((queue.name, queue.service_level_s) for queue in config.queues)


def fixed_phones_of(config: Config) -> dict[str, SipUri]:
    """Phones that do not register."""
    return {agent.id: parse_sip_uri(agent.address) for agent in config.agents if agent.address}


def phone_traits_of(config: Config) -> dict[str, PhoneTraits]:
    """What is particular about each agent's phones."""
    general = phone_terms_of(config)
    return {
        agent.id: PhoneTraits(
            Terms(
                agent.codecs or general.codecs,
                Encryption(agent.encryption) if agent.encryption else general.encryption,
            ),
            agent.auto_answer,
            frozenset(Compat(option) for option in agent.compat),
        )
        for agent in config.agents
    }


def registrar_limits_of(config: Config) -> Limits:
    """How many phones an agent may register, and for how long."""
    return Limits(config.sip.max_phones, config.sip.min_expires_s, config.sip.max_expires_s)


def phone_terms_of(config: Config) -> Terms:
    """How phones are spoken to."""
    return Terms(config.sip.phone_codecs, Encryption(config.sip.phone_encryption))


def defence_of(config: Config) -> DefenceSettings:
    """What strangers may."""
    security = config.security
    return DefenceSettings(
        blocked=_networks(security.blocked),
        phone_networks=_networks(security.phone_networks),
        agent_networks=agent_networks_of(config),
        requests_per_s=security.requests_per_s,
        burst=security.burst,
        free_guesses=security.free_guesses,
        lockout_max_s=security.lockout_max_s,
        nonce_bits=security.nonce_bits,
    )


def tolls_of(config: Config) -> TollRules:
    """Which numbers outside may be called, and how often."""
    dialling = config.dialling
    return TollRules(dialling.allowed, dialling.refused, dialling.agent_calls_per_hour, dialling.prefix_calls_per_hour)


def agent_networks_of(config: Config) -> dict[str, tuple[Network, ...]]:
    """Where the phones of agents may be who are bound to networks of their own."""
    return {agent.id: _networks(agent.networks) for agent in config.agents if agent.networks}


def _networks(texts: Sequence[str]) -> tuple[Network, ...]:
    return tuple(ip_network(text, strict=False) for text in texts)


def passwords_of(config: Config) -> dict[str, str]:
    """Passwords of phones that register."""
    return {agent.id: agent.password for agent in config.agents if agent.password}


def hours_of(config: Config) -> dict[str, Hours]:
    """Opening hours by name; the shipped flow's ``main`` is always open where the configuration does not name it."""
    hours = {"main": parse_hours(["daily 00:00-24:00"], zone=config.zone, holidays="")}
    for item in config.hours:
        hours[item.name] = parse_hours(
            item.open,
            zone=config.zone,
            holidays=item.holidays,
            extra_open=item.extra_open,
            extra_closed=item.extra_closed,
        )
    return hours


def flows_of(config: Config) -> Mapping[str, Flow]:
    """Every flow, checked; ``ConfigError`` with all faults of a file."""
    return {name: load_flow(path) for name, path in flow_files(config).items()}


def flow_files(config: Config) -> Mapping[str, Path]:
    """Where each flow is written."""
    shipped = {path.stem: path for path in sorted(SHIPPED_FLOWS.glob("*.toml"))}
    return shipped | {flow.name: flow.file for flow in config.flows}


def handed_prompts(config: Config) -> Path:
    """The folder of recordings that people have handed over on the page."""
    return config.data_folder / "prompts"


def prompts_of(config: Config) -> Prompts:
    """All that can be said."""
    return Prompts(config.prompts, handed=handed_prompts(config))


def house_of(config: Config) -> House:
    """What flows and surveys may name."""
    queues, agents = [queue.name for queue in config.queues], [agent.id for agent in config.agents]
    return House(prompts_of(config), hours_of(config), queues, agents, sorted(priorities_of(config)))


def ratings_of(config: Config) -> Mapping[str, RatingRules]:
    """How queues ask their callers what they think, by queue."""
    return {queue.name: RatingRules(queue.rating, queue.rating_low) for queue in config.queues if queue.rating}


def rating_problems(config: Config, flows: Mapping[str, Flow]) -> list[str]:
    """Flows that cannot rate a talk: they ask for no number, or lead somewhere when they should end."""
    problems = []
    for queue in config.queues:
        flow = flows.get(queue.rating)
        if flow is None:
            continue
        if score_question(flow) is None:
            problems.append(f"queue {queue.name}: rating = {queue.rating!r} asks for no number; add a question node")
        if any(isinstance(node, Exit) and not isinstance(node.outcome, HangUp) for node in flow.nodes.values()):
            problems.append(f"queue {queue.name}: rating = {queue.rating!r} must end with kind hangup")
    return problems


def probes_of(config: Config) -> Mapping[str, ProbePlan]:
    """Test calls, by name."""
    hours = hours_of(config)
    return {
        probe.name: ProbePlan(
            name=probe.name,
            number=probe.number,
            trunk=probe.trunk,
            caller_id=probe.caller_id,
            when=probe.when,
            hours=hours[probe.hours] if probe.hours else None,
            keys=probe.keys,
            keys_after_s=probe.keys_after_s,
            ring_timeout_s=probe.ring_timeout_s,
            patience_s=probe.patience_s,
            talk_s=probe.talk_s,
        )
        for probe in config.probes
    }


def plan_of(campaign: CampaignConfig, config: Config) -> Plan:
    """How a campaign calls."""
    hours = parse_hours(campaign.hours, zone=config.zone, holidays=campaign.holidays)
    return Plan(
        name=campaign.name,
        trunk=campaign.trunk,
        caller_id=campaign.caller_id,
        concurrency=lines_of(campaign, config),
        ring_timeout_s=campaign.ring_timeout_s,
        hours=hours,
        purpose=Purpose(campaign.purpose),
        retry=retry_of(campaign.retry, hours, zone_of(config)),
        order=Order(campaign.order),
    )
