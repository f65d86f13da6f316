"""Reads ``line400.toml`` into ``service.config_model.Config``; without a file the defaults hold.

All faults come at once in one ``ConfigError``, each as ``file:line: key: what is wrong and how to mend it``.
"""

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from core.errors import ConfigError
from core.toml_lines import KeyPath, toml_lines
from desk.offers import Offer
from ivr.check import check_flow, check_hours, check_promises
from ivr.load import load_flow
from ivr.prompts import Prompts
from service import from_config
from service.config_addresses import check_addresses
from service.config_alarms import AlarmConfig, WebhookSettings, check_alarms
from service.config_answered import check_answered
from service.config_callback import check_callback
from service.config_calling import CALLING_CHECKS, CallingRegionConfig, CallingSettings, check_calling
from service.config_campaigns import CAMPAIGN_CHECKS, check_campaigns
from service.config_carriers import TrunkConfig, TrunkGroupConfig
from service.config_checks import CHECKS
from service.config_desk import check_desk
from service.config_distribution import distribution_warnings
from service.config_guards import check_guards
from service.config_links import ALL_AGENTS, check_links, warnings_of
from service.config_listening import check_listening
from service.config_media import AsrSettings, MediaSettings, RecordingSettings
from service.config_model import (
    AgentConfig,
    CallbackSettings,
    CampaignConfig,
    Config,
    DispositionConfig,
    DistributionSettings,
    FlowConfig,
    HoursConfig,
    HttpSettings,
    NumberConfig,
    PauseConfig,
    QueueConfig,
    SecuritySettings,
    SipSettings,
    SurveyConfig,
)
from service.config_mqtt import MqttSettings
from service.config_night import check_night
from service.config_offers import OFFER_CHECKS, check_offers
from service.config_phones import FEATURE_CHECKS, DiallingSettings, FeatureSettings, TransferSettings
from service.config_probe import ProbeConfig
from service.config_reader import ConfigReader
from service.config_retry import RETRY_CHECKS
from service.config_surroundings import check_surroundings, foreign_addresses
from service.config_surveys import survey_problems
from service.config_trunks import check_phones, check_trunks
from service.config_warranty import WARRANTY_CHECKS, WarrantySettings
from service.config_ways import check_ways, ways_warnings
from service.config_weekly import WEEKLY_CHECKS, MailSettings, WeeklyReportSettings, check_weekly
from service.feature_codes import check_features
from service.routes import RouteKind, parse_destination

DEFAULT_FILE: Final = Path("line400.toml")
MAX_BYTES: Final = 4_000_000

TABLES: Final = {
    "http": HttpSettings,
    "sip": SipSettings,
    "security": SecuritySettings,
    "media": MediaSettings,
    "asr": AsrSettings,
    "recording": RecordingSettings,
    "mqtt": MqttSettings,
    "mail": MailSettings,
    "weekly_report": WeeklyReportSettings,
    "transfer": TransferSettings,
    "dialling": DiallingSettings,
    "features": FeatureSettings,
    "distribution": DistributionSettings,
    "webhook": WebhookSettings,
    "callback": CallbackSettings,
    "calling": CallingSettings,
    "warranty": WarrantySettings,
}
"""``[name]`` tables, each also the field of ``Config``."""

LISTS: Final = {
    "trunk": ("trunks", TrunkConfig),
    "trunk_group": ("trunk_groups", TrunkGroupConfig),
    "agent": ("agents", AgentConfig),
    "queue": ("queues", QueueConfig),
    "disposition": ("dispositions", DispositionConfig),
    "pause": ("pauses", PauseConfig),
    "hours": ("hours", HoursConfig),
    "flow": ("flows", FlowConfig),
    "survey": ("surveys", SurveyConfig),
    "number": ("numbers", NumberConfig),
    "campaign": ("campaigns", CampaignConfig),
    "calling_region": ("calling_regions", CallingRegionConfig),
    "offer": ("offers", Offer),
    "alarm": ("alarms", AlarmConfig),
    "probe": ("probes", ProbeConfig),
}
"""``[[name]]`` lists: the field of ``Config`` and what one element is."""

VALUE_CHECKS: Final = {
    **CHECKS, **WEEKLY_CHECKS, **FEATURE_CHECKS, **CALLING_CHECKS, **CAMPAIGN_CHECKS, **WARRANTY_CHECKS,
    **RETRY_CHECKS, **OFFER_CHECKS,
}  # fmt: skip
"""What single values may be, by table and key."""
PART_CHECKS: Final = (
    check_addresses,
    check_listening,
    check_trunks,
    check_phones,
    check_guards,
    check_weekly,
    check_features,
    check_answered,
    check_calling,
    check_campaigns,
    check_night,
    check_offers,
)
"""What parts say of each other; each notes faults and warnings at their places."""

TOP_KEYS: Final = ("data_folder", "zone", "database", "drain_s", "log_level", "loop_watch_ms", "prompts")

DEFAULT_QUEUES: Final = (
    QueueConfig("sales", "购车咨询 Sales", (ALL_AGENTS,)),
    QueueConfig("service", "保养维修 Service", (ALL_AGENTS,)),
    QueueConfig("tradein", "旧车置换 Trade-in", (ALL_AGENTS,)),
    QueueConfig("complaint", "投诉建议 Complaints", (ALL_AGENTS,)),
    QueueConfig("general", "人工服务 General", (ALL_AGENTS,)),
)
"""Those that the shipped main flow leads to; used where a file has no [[queue]]."""
DEFAULT_NUMBERS: Final = (NumberConfig("*", "flow:main"),)
"""Used where a file has no [[number]]."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration that is right, and what a person should look at although it works."""

    config: Config
    warnings: tuple[str, ...]


def load_config(path: Path | None = None) -> Config:
    """The configuration in ``path`` (None: ``line400.toml`` here if there is one, else the defaults).

    ``ConfigError`` lists every fault.
    """
    return read_config(path).config


def read_config(
    path: Path | None = None,
    environment: Mapping[str, str] | None = None,
    also: Callable[[Config], str | None] = lambda config: None,
) -> Loaded:
    """As ``load_config``, with warnings; ``environment`` stands in for ``os.environ``. Relative paths count from the
    folder of the file. ``also`` may know of a fault besides. All faults are told at once, but for those that come of
    others.
    """
    if path is None and DEFAULT_FILE.exists():
        path = DEFAULT_FILE
    text = _text(path) if path is not None else ""
    name = path.name if path is not None else "defaults"
    try:
        values, lines = tomllib.loads(text), toml_lines(text)
    except ValueError as error:  # also for a number of more digits than Python reads
        raise ConfigError([f"{name}: not well-formed TOML: {error}"]) from None
    except RecursionError:
        raise ConfigError([f"{name}: brackets are nested too deep; no key needs that"]) from None
    folder = path.absolute().parent if path is not None else Path.cwd()
    reader = ConfigReader(
        name,
        lines,
        folder,
        os.environ if environment is None else environment,
        VALUE_CHECKS,
    )
    config = _completed(_config(reader, values, folder))
    reader.judge_together()
    flows = {path.stem for path in from_config.SHIPPED_FLOWS.glob("*.toml")} | {flow.name for flow in config.flows}
    check_links(config, sorted(flows), reader)
    check_alarms(config, reader)
    check_callback(config, reader)
    for check in PART_CHECKS:
        check(config, reader)
    check_desk(config, reader)
    check_surroundings(config, reader)
    beside: list[str] = []
    if config.prompts is None or config.prompts.is_dir():
        check_ways(config, sorted(flows), Prompts(config.prompts), reader)
        beside = _flow_problems(config)
    problems = [*reader.problems, *(text for text in (*beside, also(config)) if text and not reader.explains(text))]
    if problems:
        raise ConfigError(problems)
    warnings = [*reader.warnings, *warnings_of(config), *ways_warnings(config)]
    hours = check_hours(from_config.hours_of(config), datetime.now(from_config.zone_of(config)).date())
    config = _with_all_agents(config)
    return Loaded(config, (*warnings, *distribution_warnings(config), *foreign_addresses(config), *hours))


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror}; check the name and the rights"]) from None
    if len(data) > MAX_BYTES:
        raise ConfigError([f"{path}: is larger than {MAX_BYTES} bytes; that is no configuration"])
    try:
        return data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise ConfigError([f"{path}: is not UTF-8 (byte {error.start}); save it as UTF-8"]) from None


@dataclass(frozen=True, slots=True)
class _Top:
    """The keys that stand before the first table."""

    data_folder: Path = Path("var")
    zone: str = "Asia/Shanghai"
    database: str = ""
    drain_s: float = 60.0
    log_level: str = "info"
    loop_watch_ms: float = 20.0
    prompts: Path | None = None


def _config(reader: ConfigReader, values: Mapping[str, object], folder: Path) -> Config:
    reader.refuse_unknown((), values, (*TOP_KEYS, *TABLES, *LISTS))
    top = (
        reader.record(_Top, "", (), {key: value for key, value in values.items() if key in TOP_KEYS}, anyhow=True)
        or _Top()
    )
    found: dict[str, object] = {}
    for name, settings in TABLES.items():
        if name in values:
            found[name] = reader.record(settings, name, (name,), values[name], anyhow=True)
    for name, (field, kind) in LISTS.items():
        items = values.get(name, [])
        if not isinstance(items, list):
            reader.fault((name,), f"must be a list; write [[{name}]] with two brackets on each side")
            continue
        path: KeyPath = (name,)
        made = [reader.record(kind, name, (*path, index), item, anyhow=True) for index, item in enumerate(items)]
        found[field] = tuple(item for item in made if item is not None)
    right = {field: value for field, value in found.items() if value is not None}
    config = Config(
        data_folder=folder / top.data_folder,
        zone=top.zone,
        database=top.database,
        drain_s=top.drain_s,
        log_level=top.log_level,
        loop_watch_ms=top.loop_watch_ms,
        prompts=top.prompts,
    )
    return _replaced(config, right)


def _replaced(config: Config, values: Mapping[str, object]) -> Config:
    return replace(config, **values)  # type: ignore[arg-type]  # each was made by the class of its field


def _completed(config: Config) -> Config:
    """With the queues and the number that make a bare installation answer."""
    return replace(config, queues=config.queues or DEFAULT_QUEUES, numbers=config.numbers or DEFAULT_NUMBERS)


def _with_all_agents(config: Config) -> Config:
    everybody = tuple(agent.id for agent in config.agents)
    return replace(
        config,
        queues=tuple(
            replace(queue, agents=everybody) if ALL_AGENTS in queue.agents else queue for queue in config.queues
        ),
    )


def _flow_problems(config: Config) -> list[str]:
    """Faults in flow files and surveys, and what the flows in use need and the house does not have: prompts, queues,
    agents, opening hours.
    """
    problems: list[str] = []
    flows = {}
    for name, file in from_config.flow_files(config).items():
        try:
            flows[name] = load_flow(file)
        except ConfigError as error:
            problems += error.problems
    targets = (parse_destination(number.to) for number in config.numbers)
    used = {target.name for target in targets if target.kind is RouteKind.FLOW}
    used.update(queue.rating for queue in config.queues if queue.rating)
    problems += from_config.rating_problems(config, flows)
    house = from_config.house_of(config)
    for name in sorted(used & set(flows)):
        problems += check_flow(flows[name], house)
        problems += check_promises(flows[name], [campaign.name for campaign in config.campaigns])
    problems += survey_problems(config, house)
    return problems + (house.prompts.faults() if config.prompts is not None else [])
