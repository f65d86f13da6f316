"""What the console needs of the other rooms. ``store`` and ``service`` fill these; tests use fakes.

Lookups return None for what is not there. A method that cannot be carried out raises ``core.errors.Unavailable`` (not
now) or ``LocalProtocolError`` (not in this state); both become an answer that says what and why.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol, TypeVar

from archive.peaks import Peaks
from campaigns.contact_filter import AttemptCell
from console.campaign_ports import CampaignQueries
from console.disposition_views import DispositionEntry
from console.operation_views import LockoutView, ReloadView
from console.phone_views import PhoneView
from console.report_ports import AgentCell, FigureCell, ReportQueries
from console.staffing_views import StaffingQueries
from console.survey_views import SurveyTitle
from console.told_views import ToldQueries
from console.views import (
    CallDetail,
    CallPage,
    Component,
    EventView,
    RecordingState,
    TranscriptView,
    TrunkView,
)
from telephony.oversight import Oversight

Answered = TypeVar("Answered")
Role = Literal["admin", "supervisor", "agent", "viewer"]


@dataclass(frozen=True, slots=True)
class CallFilter:
    """Which calls: each field narrows where it is set. ``number`` is part of ANI or DNIS; ``outcome`` of a wait in a
    queue; ``disposition`` is a code that stands, or "missing"; ``text`` was said; one of its waits was counted in
    ``behind``; ``worked`` is of an agent's work, ``attempts`` a figure of a
    campaign.
    """

    from_at: float | None = None
    to_at: float | None = None
    queue: str = ""
    agent: str = ""
    direction: str = ""
    number: str = ""
    outcome: str = ""
    disposition: str = ""
    text: str = ""
    behind: FigureCell | None = None
    worked: AgentCell | None = None
    attempts: AttemptCell | None = None


class CallQueries(Protocol):
    """Calls as the store has them."""

    async def calls(self, which: CallFilter, *, limit: int, offset: int) -> CallPage:
        """Newest first."""
        ...

    async def call(self, call_id: str) -> CallDetail | None:
        """One call with all that belongs to it."""
        ...

    async def recording_path(self, recording: str) -> Path | None:
        """The file of a recording, relative to the recordings folder."""
        ...


class TranscriptQueries(Protocol):
    """Transcripts as the store has them."""

    async def transcript(self, recording: str) -> TranscriptView | None:
        """What was said, or None where there is no transcript (yet)."""
        ...


class EventQueries(Protocol):
    """The event log, for readers that were away."""

    async def events_after(self, seq: int, *, limit: int) -> Sequence[EventView]:
        """At most ``limit`` events with a greater ``seq``, oldest first."""
        ...

    async def events_named(
        self, names: Sequence[str], from_at: float, to_at: float, *, limit: int
    ) -> Sequence[EventView]:
        """At most ``limit`` events of these names in that time, newest first."""
        ...


class Queries(Protocol):
    """What long answers are made of."""

    @property
    def calls(self) -> CallQueries:
        """Calls."""
        ...

    @property
    def transcripts(self) -> TranscriptQueries:
        """What was said."""
        ...

    @property
    def reports(self) -> ReportQueries:
        """Figures of the queues."""
        ...

    @property
    def staffing(self) -> StaffingQueries:
        """Calls to be expected, and the agents they need."""
        ...

    @property
    def told(self) -> ToldQueries:
        """Told waits."""
        ...

    @property
    def campaigns(self) -> CampaignQueries:
        """Dial lists."""
        ...


class Reading(Protocol):
    """Answers questions that take long, where they hold up no call."""

    async def ask(self, work: Callable[[Queries], Awaitable[Answered]]) -> Answered:
        """What ``work`` makes of the queries. Work and answer travel between processes: a function of a module (or a
        ``functools.partial`` of one) and plain values, the answer best as the bytes that are sent. ``Unavailable``
        where too many questions wait.
        """
        ...


class AgentControl(Protocol):
    """Changes the state of agents (the distributor's business; the console only asks). ``by`` is the account of whoever
    asks in the agent's place, "" where he asks himself.
    """

    async def set_available(self, agent: str, by: str) -> None:
        """Ready for calls."""
        ...

    async def pause(self, agent: str, reason: str, by: str, planned_s: float = 0.0) -> None:
        """No calls until further notice; ``planned_s`` is how long it is thought to last (0: nobody knows)."""
        ...

    async def sign_out(self, agent: str, by: str) -> None:
        """Off duty."""
        ...

    def tell(self, agent: str, text: str, by: str) -> None:
        """Show him ``text``."""
        ...


class RecordingControl(Protocol):
    """What may be asked of recordings, while they run and afterwards. ``by`` is the account that asks."""

    def state(self, call_id: str) -> RecordingState:
        """``recording``, ``paused``, or "" where the call is not recorded now."""
        ...

    async def pause(self, call_id: str, by: str) -> None:
        """What is said is not recorded from now on."""
        ...

    async def resume(self, call_id: str, by: str) -> None:
        """It is again."""
        ...

    async def hold(self, recording: str, by: str, why: str) -> None:
        """Legal hold: it is not deleted."""
        ...

    async def release(self, recording: str, by: str) -> None:
        """The end of the legal hold."""
        ...

    async def delete(self, recording: str, by: str) -> None:
        """Its sound is deleted now."""
        ...

    async def peaks(self, recording: str) -> Peaks | None:
        """The waveform, where it has been stored."""
        ...


class TransferControl(Protocol):
    """Passes calls on."""

    def pass_on(self, call_id: str, to: str, by: str) -> None:
        """Begin to connect whoever talks in the call with ``to``, for account ``by``; ``LocalProtocolError`` says why
        that cannot be.
        """
        ...


class SupervisionControl(Protocol):
    """Lets supervisors into talks."""

    async def supervise(self, call_id: str, supervisor: str, mode: Oversight, by: str) -> None:
        """Ring the phone of ``supervisor`` and let him into the talk of the call, or change what he does in it, for
        account ``by``; ``LocalProtocolError`` says why that cannot be.
        """
        ...

    def leave(self, call_id: str, supervisor: str, by: str) -> None:
        """He leaves; ``LocalProtocolError`` where he is not there."""
        ...


class WaitingControl(Protocol):
    """Sends callers who wait elsewhere. ``LocalProtocolError`` says why that cannot be."""

    def move(self, call_id: str, queue: str, by: str) -> None:
        """He waits on in ``queue``."""
        ...

    def pull(self, call_id: str, agent: str, number: str, by: str) -> None:
        """The phone of ``agent`` is rung for him and shows his ``number``."""
        ...


@dataclass(frozen=True, slots=True)
class AgentEntry:
    """An agent as configured; ``extension`` is what colleagues dial."""

    id: str
    name: str
    extension: str = ""
    queues: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """A queue as configured; ``service_level_s`` is T of its service levels."""

    id: str
    title: str
    service_level_s: float = 20.0


@dataclass(frozen=True, slots=True)
class PauseEntry:
    """A reason to pause as configured (``name`` is what the log gets), and how long such a pause is planned to last
    (0: nothing is planned).
    """

    name: str
    en: str = ""
    minutes: float = 0.0


@dataclass(slots=True)
class Directory:
    """Who and what the configuration names, in the order in which to show it; a reload changes it in place."""

    queues: tuple[QueueEntry, ...] = ()
    agents: tuple[AgentEntry, ...] = ()
    pause_reasons: tuple[str, ...] = ("小休", "用餐", "培训", "会议")
    dispositions: tuple[DispositionEntry, ...] = ()
    pauses: tuple[PauseEntry, ...] = ()
    surveys: tuple[SurveyTitle, ...] = ()

    def change(self, new: "Directory") -> None:
        """Become ``new``."""
        self.queues, self.agents, self.pause_reasons = new.queues, new.agents, new.pause_reasons
        self.dispositions, self.pauses, self.surveys = new.dispositions, new.pauses, new.surveys


@dataclass(frozen=True, slots=True)
class Account:
    """Someone who may sign in. ``agent`` is the agent's id where he is one; ``hash`` comes of ``console.passwords``."""

    name: str
    role: Role
    hash: str
    agent: str = ""
    must_change: bool = False


class Accounts(Protocol):
    """The accounts as the store keeps them."""

    async def find(self, name: str) -> Account | None:
        """The account of that name."""
        ...

    async def put(self, account: Account) -> None:
        """Keep it, new or changed."""
        ...

    async def count(self) -> int:
        """How many there are."""
        ...


class TrunkLines(Protocol):
    """How the carriers' trunks stand."""

    def trunks(self) -> Sequence[TrunkView]:
        """Each, in the order of the configuration."""
        ...


class Health(Protocol):
    """The state of the parts of the house."""

    async def components(self) -> Sequence[Component]:
        """Each part, in the order in which to show them."""
        ...


class PhoneBook(Protocol):
    """Agents' phones as they stand."""

    def phones(self) -> Sequence[PhoneView]:
        """All that are registered or fixed, by agent in the order of the configuration."""
        ...


class ConfigControl(Protocol):
    """The configuration of the running house."""

    async def reload(self, by: str) -> ReloadView:
        """Read it again; ``by`` is who asked. ``core.errors.ConfigError`` lists the faults of the file."""
        ...

    async def changes(self) -> ReloadView:
        """What that would do now, without doing it."""
        ...


class Lockouts(Protocol):
    """Who guessed passwords and must wait."""

    def lockouts(self) -> Sequence[LockoutView]:
        """Those that last longest first."""
        ...

    def lift(self, source: str, by: str) -> int:
        """End all pauses of a source by wish of ``by``; how many there were."""
        ...


class Metrics(Protocol):
    """Figures of the running house for a monitoring system."""

    def text(self) -> bytes:
        """All of them, in the text format of Prometheus."""
        ...
