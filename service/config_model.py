"""The configuration as typed values: what ``line400.toml`` may say, with defaults. ``service.config`` reads the file.

Every field's ``doc`` is the sentence that ``docs/configuration.md`` shows.
"""

from dataclasses import dataclass, field
from pathlib import Path

from desk.offers import Offer
from service.config_alarms import AlarmConfig, WebhookSettings
from service.config_calling import CallingRegionConfig, CallingSettings
from service.config_carriers import TrunkConfig, TrunkGroupConfig
from service.config_media import AsrSettings, MediaSettings, RecordingSettings
from service.config_mqtt import MqttSettings
from service.config_phones import DiallingSettings, FeatureSettings, TransferSettings
from service.config_probe import ProbeConfig
from service.config_retry import RetrySettings
from service.config_warranty import WarrantySettings
from service.config_weekly import MailSettings, WeeklyReportSettings


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """[http] where the console and the API listen. With a ``metrics_token`` whoever bears it may read ``/metrics``."""

    host: str = "127.0.0.1"
    port: int = 8400
    metrics_token: str = ""


@dataclass(frozen=True, slots=True)
class SipSettings:
    """[sip] where phones and trunks reach us. ``advertised`` is the host in Via, Contact and SDP ("": the bound one).
    ``tls_port`` needs ``tls_certificate`` (PEM; the key in it or in ``tls_key``); ``tls_more`` are others for
    peers that ask for other names; ``tls_authorities`` are those whose
    certificates we trust (None: the system's); ``tls_verify_clients`` asks phones and carriers for one.
    ``ws_port`` and ``wss_port`` (with the certificate too) are for phones that speak SIP over WebSocket, those in
    browsers only from pages of ``ws_origins`` (empty: any). One address may have ``connections_per_address``.
    Requests of more than ``udp_limit`` octets go by TCP where that is taken.
    ``digest`` lists what phones are offered to prove themselves with: "MD5", "SHA-256", in order; many phones fail
    when they are offered SHA-256. ``phone_codecs`` may be spoken with phones, best first; ``phone_encryption`` of their
    audio is "off", "optional" or "required" (SRTP, keys in SDP). ``name_servers`` are asked for trunks' names (empty:
    those of the system). Every ``phone_options_s`` each phone is asked
    by OPTIONS whether it is there (0: never). An agent may register ``max_phones``, for ``min_expires_s`` to
    ``max_expires_s``.
    """

    host: str = "0.0.0.0"
    udp_port: int = 5060
    tcp_port: int = 5060
    tls_port: int = -1
    ws_port: int = -1
    wss_port: int = -1
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    tls_more: tuple[Path, ...] = ()
    tls_authorities: Path | None = None
    tls_verify_clients: bool = False
    ws_origins: tuple[str, ...] = ()
    connections_per_address: int = 100
    udp_limit: int = 1300
    advertised: str = ""
    realm: str = "line400"
    digest: tuple[str, ...] = ("MD5",)
    phone_codecs: tuple[str, ...] = ("PCMA", "PCMU", "G722")
    phone_encryption: str = "off"
    name_servers: tuple[str, ...] = ()
    phone_options_s: float = 30.0
    max_phones: int = 4
    min_expires_s: int = 30
    max_expires_s: int = 300


@dataclass(frozen=True, slots=True)
class SecuritySettings:
    """[security] what strangers may. Nothing from ``blocked`` is read; phones are served only from ``phone_networks``
    (empty: from anywhere). A stranger may ask ``requests_per_s`` in the long run and ``burst`` at
    once; after ``free_guesses`` wrong passwords pauses double up to ``lockout_max_s``. A challenge holds for addresses
    that share ``nonce_bits`` leading bits (IPv4; 32: that address alone, 0: any).
    """

    blocked: tuple[str, ...] = ()
    phone_networks: tuple[str, ...] = ()
    requests_per_s: float = 50.0
    burst: float = 100.0
    free_guesses: int = 5
    lockout_max_s: float = 3600.0
    nonce_bits: int = 32


@dataclass(frozen=True, slots=True)
class AgentConfig:
    """[[agent]] a person who takes calls: with phones that register (``password``) or a fixed ``address`` (sip:…).
    ``auto_answer`` is the make of a phone that shall take queues' calls by itself; ``codecs``, ``encryption`` (empty:
    as for all phones) and ``compat`` hold for his phones only; they are served only from ``networks``, if any.
    """

    id: str
    name: str = ""
    password: str = ""
    address: str = ""
    queues: tuple[str, ...] = ()
    auto_answer: str = "off"
    codecs: tuple[str, ...] = ()
    encryption: str = ""
    compat: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    """What he can, with levels: "tyres:7"."""
    weight: int = 1
    """Where lots are drawn by weight."""
    capacity: tuple[str, ...] = ()
    """So many calls at a time by channel: "callbacks:0". What is left out is 1."""
    wrap_up_s: float = -1.0
    """His own; -1: as his queues have it."""


@dataclass(frozen=True, slots=True)
class QueueConfig:
    """[[queue]] callers wait here for agents. ``agents`` adds to those who name the queue themselves. Who comes outside
    of ``hours`` is led through the steps of ``closed``, who overflows through those of ``overflow``, who presses one of
    ``keys`` as that says. Callers may enter and stay while there are agents as ``enter_while`` and ``stay_while`` ask.
    ``music``, ``messages`` and ``whisper`` (for agents) are prompts. ``strategy`` says which free agent is rung; of
    several at a time ``ring_at_once``, progressively ``ring_first`` and every ``ring_step_s`` ``ring_more``. Its
    callers are served as if they had come ``ahead_s`` sooner. Agents need ``skills``, less of them by the steps of
    ``relax``. Who has talked with an agent within ``sticky_days`` is led to him, and kept for him ``sticky_wait_s``;
    with ``sticky_owner`` he is led to who looks after his open task, before that.
    ``rating`` is the flow that asks callers after the talk ("": none); scores up to ``rating_low`` open a task.
    Agents may lengthen a wrap-up by ``wrap_up_more_s``, ``wrap_up_extends`` times, to ``wrap_up_most_s`` in all.
    """

    name: str
    title: str = ""
    agents: tuple[str, ...] = ()
    ring_timeout_s: float = 20.0
    wrap_up_s: float = 10.0
    wrap_up_more_s: float = 60.0
    wrap_up_extends: int = 3
    wrap_up_most_s: float = 600.0
    disposition: str = "optional"
    """Whether the wrap-up waits for what came of the call: "optional" or "required"."""
    max_wait_s: float = 600.0
    max_length: int = 50
    overflow: tuple[str, ...] = ()
    overflow_keeps_wait: bool = True
    service_level_s: float = 20.0
    announce_every_s: float = 30.0
    misses_before_pause: int = 2
    strategy: str = "longest-idle"
    ring_at_once: int = 20
    ring_first: int = 1
    ring_more: int = 1
    ring_step_s: float = 5.0
    ahead_s: float = 0.0
    skills: tuple[str, ...] = ()
    relax: tuple[str, ...] = ()
    sticky_days: float = 0.0
    sticky_wait_s: float = 0.0
    sticky_owner: bool = False
    hours: str = ""
    closed: tuple[str, ...] = ()
    enter_while: str = "always"
    stay_while: str = "always"
    keys: tuple[str, ...] = ()
    music: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    whisper: str = ""
    announce_place: bool = True
    announce_wait: bool = True
    callback_key: str = ""
    """By this key a waiting caller asks to be called back ("": he cannot)."""
    callback_first: str = "agent"
    """Who is called first then: "agent" or "customer"."""
    rating: str = ""
    rating_low: int = 2


@dataclass(frozen=True, slots=True)
class DispositionConfig:
    """[[disposition]] what may have come of a call: a ``code`` with its name, Chinese and English, for calls out of
    ``queues`` (empty: all). Whoever gives it must fill in ``fields``: note, date, plate, customer. To a campaign whose
    call it was it says what is ``then``: refuse, call_again, retry (after ``again``), finished; ``agreed``: interested.
    """

    code: str
    zh: str = ""
    en: str = ""
    queues: tuple[str, ...] = ()
    fields: tuple[str, ...] = ()
    then: str = ""
    again: str = ""
    agreed: bool = False


@dataclass(frozen=True, slots=True)
class PauseConfig:
    """[[pause]] a reason to pause: its ``name`` (Chinese) and ``en``, and for how many ``minutes`` it is planned."""

    name: str
    en: str = ""
    minutes: float = 0.0


@dataclass(frozen=True, slots=True)
class CallbackSettings:
    """[callback] who gave up waiting is called in his turn: through ``trunk`` (or group) as ``caller_id``, rung for
    ``ring_timeout_s``, ``tries`` times, ``retry_min`` apart, in ``hours`` (a name), for ``holds_h``, recorded or not;
    before his agent ``lead_s`` before his turn. So long after an offer it is listened for his asking (``listen_s``).
    """

    trunk: str = ""
    caller_id: str = ""
    tries: int = 3
    retry_min: float = 10.0
    holds_h: float = 8.0
    hours: str = ""
    ring_timeout_s: float = 40.0
    record: bool = True
    lead_s: float = 10.0
    listen_s: float = 6.0


@dataclass(frozen=True, slots=True)
class DistributionSettings:
    """[distribution] the order of callers over all queues: by "wait" or "deadline" (their queues' service levels).
    ``priorities`` are named, with the seconds that they put a caller ahead; ``vips`` are numbers with the one called
    "vip". Who has abandoned has his place again within ``came_back_min``; whoever calls again so soon has the priority
    "came_back", where there is one.
    """

    order: str = "wait"
    priorities: tuple[str, ...] = ("vip:120", "complaint:60")
    vips: tuple[str, ...] = ()
    came_back_min: float = 10.0


@dataclass(frozen=True, slots=True)
class HoursConfig:
    """[[hours]] opening hours by name, used by flows and queues: ``open`` lines such as "mon-fri 08:30-20:00"."""

    name: str
    open: tuple[str, ...] = ()
    holidays: str = "CN"
    extra_open: tuple[str, ...] = ()
    extra_closed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FlowConfig:
    """[[flow]] a flow file by name; ``main`` is shipped and used unless given."""

    name: str
    file: Path


@dataclass(frozen=True, slots=True)
class SurveyConfig:
    """[[survey]] a form by name, which campaigns may ask; one with the name of a shipped one stands in for it.
    ``title`` is what people call it ("": by its name).
    """

    name: str
    file: Path
    title: str = ""


@dataclass(frozen=True, slots=True)
class NumberConfig:
    """[[number]] a called number ("*": any other) and where it leads: ``flow:NAME``, ``queue:NAME`` or ``agent:ID``."""

    number: str
    to: str
    record: bool = True


@dataclass(frozen=True, slots=True)
class CampaignConfig:
    """[[campaign]] outbound: which survey, over which trunk, as whom, how many at a time, when, and what for: "service"
    or "promotion". ``mode`` "survey": a survey talks; "progressive" and "predictive": agents of ``queue`` do, whoever
    answers has one ``within_s``, but for ``abandon_pct`` of them; "preview": they see him first, for ``preview_s``
    ("manual": without a limit), and who is passed over comes again ``preview_again_min`` later; they read the
    ``script`` and fill the ``survey`` in ("": none; in mode "survey" the usual one). ``lines`` 0: what
    ``concurrency`` says, or with agents three for each of them. ``order``: whose turn it is;
    ``retry``: who is called again.
    """

    name: str
    trunk: str
    caller_id: str
    mode: str = "survey"
    queue: str = ""
    survey: str = ""
    script: str = ""
    script_en: str = ""
    concurrency: int = 2
    lines: int = 0
    within_s: float = 2.0
    abandon_pct: float = 3.0
    preview_s: float = 60.0
    preview_again_min: float = 30.0
    ring_timeout_s: float = 40.0
    hours: tuple[str, ...] = ("mon-sun 09:00-12:00", "mon-sun 13:30-20:00")
    holidays: str = ""
    purpose: str = "service"
    order: str = "list"
    retry: RetrySettings = field(default_factory=RetrySettings)
    record: bool = True


@dataclass(frozen=True, slots=True)
class Config:
    """The whole of ``line400.toml``."""

    data_folder: Path = Path("var")
    zone: str = "Asia/Shanghai"
    database: str = ""
    """SQLAlchemy URL; "" means SQLite in the data folder."""
    drain_s: float = 60.0
    """After SIGTERM calls that are up may go on for so long."""
    log_level: str = "info"
    """How much is logged: "debug", "info", "warning" or "error"."""
    loop_watch_ms: float = 20.0
    """How often is looked whether the event loop turns."""
    prompts: Path | None = None
    """A folder whose files stand in for shipped prompts of the same name."""
    http: HttpSettings = field(default_factory=HttpSettings)
    sip: SipSettings = field(default_factory=SipSettings)
    security: SecuritySettings = field(default_factory=SecuritySettings)
    media: MediaSettings = field(default_factory=MediaSettings)
    asr: AsrSettings = field(default_factory=AsrSettings)
    recording: RecordingSettings = field(default_factory=RecordingSettings)
    mqtt: MqttSettings = field(default_factory=MqttSettings)
    mail: MailSettings = field(default_factory=MailSettings)
    weekly_report: WeeklyReportSettings = field(default_factory=WeeklyReportSettings)
    transfer: TransferSettings = field(default_factory=TransferSettings)
    distribution: DistributionSettings = field(default_factory=DistributionSettings)
    dialling: DiallingSettings = field(default_factory=DiallingSettings)
    features: FeatureSettings = field(default_factory=FeatureSettings)
    webhook: WebhookSettings = field(default_factory=WebhookSettings)
    alarms: tuple[AlarmConfig, ...] = ()
    callback: CallbackSettings = field(default_factory=CallbackSettings)
    calling: CallingSettings = field(default_factory=CallingSettings)
    warranty: WarrantySettings = field(default_factory=WarrantySettings)
    trunks: tuple[TrunkConfig, ...] = ()
    trunk_groups: tuple[TrunkGroupConfig, ...] = ()
    agents: tuple[AgentConfig, ...] = ()
    queues: tuple[QueueConfig, ...] = ()
    dispositions: tuple[DispositionConfig, ...] = ()
    pauses: tuple[PauseConfig, ...] = ()
    hours: tuple[HoursConfig, ...] = ()
    flows: tuple[FlowConfig, ...] = ()
    surveys: tuple[SurveyConfig, ...] = ()
    numbers: tuple[NumberConfig, ...] = ()
    campaigns: tuple[CampaignConfig, ...] = ()
    calling_regions: tuple[CallingRegionConfig, ...] = ()
    offers: tuple[Offer, ...] = ()
    probes: tuple[ProbeConfig, ...] = ()
