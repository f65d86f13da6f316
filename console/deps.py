"""All that the console is made of, handed in from outside."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from acd.alarm_figures import AlarmFigures
from console.agent_desk_ports import AgentDesks, EarlierCalls
from console.agent_states import AgentStates
from console.callback_views import CallbackControl
from console.calling_ports import CallingControl
from console.campaign_ports import CampaignControl, CampaignQueries
from console.campaign_watch import CampaignWatch
from console.contact_ports import ContactQueries, PreviewControl
from console.desk_ports import Desk, ProbeControl, ProbeRuns
from console.disposition_ports import DispositionControl, DispositionQueries
from console.form_ports import FormControl
from console.list_ports import ListControl
from console.list_share_ports import ListShareControl
from console.offer_ports import OfferControl
from console.phone_ports import ConsultControl, ParkControl, PlacingControl
from console.ports import (
    Accounts,
    AgentControl,
    CallQueries,
    ConfigControl,
    Directory,
    EventQueries,
    Health,
    Lockouts,
    Metrics,
    PhoneBook,
    Reading,
    RecordingControl,
    SupervisionControl,
    TransferControl,
    TrunkLines,
    WaitingControl,
)
from console.queue_views import QueueDesk
from console.record_ports import RecordQueries
from console.selection_ports import SelectionControl
from console.sent_ports import SentControl
from console.survey_ports import SurveyControl
from console.tradein_ports import TradeinControl
from console.wall_ports import WallKeyControl
from console.weekly_ports import WeeklyPapers
from console.wire_ports import SipCounting, WireTrace
from core.bus import Bus
from core.clock import Clock


@dataclass(frozen=True, slots=True)
class ConsoleSettings:
    """Bounds and names that the configuration may set.

    Below ``answer_rate_target`` an answer rate is shown as bad, after ``late_wait_s`` a waiting caller as late.
    ``session_s`` without a request ends a session; ``event_queue`` events may wait for one slow reader of the WebSocket
    before it is let go; ``secure_cookie`` is for a console behind HTTPS.
    """

    version: str = "0.1.0"
    zone: str = "Asia/Shanghai"
    answer_rate_target: float = 0.9
    late_wait_s: float = 60.0
    session_s: float = 12 * 3600.0
    max_sessions: int = 1000
    max_live_clients: int = 200
    event_queue: int = 1000
    metrics_token: str = ""
    ping_s: float = 20.0
    secure_cookie: bool = False


@dataclass(frozen=True, slots=True)
class ConsoleDeps:
    """What ``create_app`` needs. ``recordings`` is the folder that recording paths are relative to, ``recording_key``
    the file with the key of those that are sealed.

    ``agent_states`` is asked once, at start, for states that were told before the console listened.
    ``entropy(n)`` returns n unpredictable bytes (``os.urandom`` in the product).
    """

    clock: Clock
    bus: Bus
    entropy: Callable[[int], bytes]
    recordings: Path
    recording_key: Path
    recorder: RecordingControl
    transfers: TransferControl
    supervision: SupervisionControl
    waiting: WaitingControl
    accounts: Accounts
    calls: CallQueries
    events: EventQueries
    reading: Reading
    campaigns: CampaignQueries
    calling: CallingControl
    desk: Desk
    probe_runs: ProbeRuns
    probes: ProbeControl
    placing: PlacingControl
    parking: ParkControl
    consulting: ConsultControl
    agents: AgentControl
    agent_desks: AgentDesks
    dispositions: DispositionControl
    disposed: DispositionQueries
    earlier: EarlierCalls
    health: Health
    trace: WireTrace
    trunks: TrunkLines
    config: ConfigControl
    sip: SipCounting
    lockouts: Lockouts
    wall_keys: WallKeyControl
    weekly: WeeklyPapers
    metrics: Metrics | None = None
    agent_states: AgentStates | None = None
    phones: PhoneBook | None = None
    queues: QueueDesk | None = None
    callbacks: CallbackControl | None = None
    lists: ListControl | None = None
    list_shares: ListShareControl | None = None
    record_lists: ListControl | None = None
    consent_lists: ListControl | None = None
    bar_lists: ListControl | None = None
    sent: SentControl | None = None
    contacts: ContactQueries | None = None
    previews: PreviewControl | None = None
    forms: FormControl | None = None
    campaign_desk: CampaignControl | None = None
    campaign_watch: CampaignWatch | None = None
    alarm_figures: AlarmFigures | None = None
    surveys: SurveyControl | None = None
    records: RecordQueries | None = None
    selections: SelectionControl | None = None
    tradein: TradeinControl | None = None
    offers: OfferControl | None = None
    directory: Directory = field(default_factory=Directory)
    settings: ConsoleSettings = field(default_factory=ConsoleSettings)
