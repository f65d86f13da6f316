"""The live picture: who waits, who talks, who is free, and how the day went so far."""

from dataclasses import dataclass, field

from console.call_stages import Stage
from console.views import Figure, FormulaView


@dataclass(frozen=True, slots=True)
class WaitingCaller:
    """One caller in a queue; ``told_wait_s`` is the estimate he heard last."""

    entry: str
    call_id: str
    number: str
    since: float
    told_wait_s: float | None = None
    ringing: str = ""


@dataclass(frozen=True, slots=True)
class QueueLive:
    """A queue now: ``waiting`` longest first."""

    id: str
    title: str
    waiting: list[WaitingCaller]
    available: int
    busy: int


@dataclass(frozen=True, slots=True)
class AgentLive:
    """An agent now: ``state`` of ``acd.facts.AgentStatus``, ``since`` when; ``call_id`` where he rings or talks, which
    he may have ``held``. A wrap-up ends by itself at ``until``, a pause is planned to.
    """

    id: str
    name: str
    extension: str
    queues: list[str]
    state: str
    reason: str
    since: float | None
    call_id: str = ""
    until: float | None = None
    held: bool = False


@dataclass(frozen=True, slots=True)
class SupervisorLive:
    """A supervisor in a talk, or on his way to it until ``joined``; ``mode`` of ``telephony.oversight.Oversight``."""

    agent: str
    mode: str
    joined: bool


@dataclass(frozen=True, slots=True)
class ConsultLive:
    """Whom the agent of a talk asks while his caller hears music: ``stage`` is ringing, answered or joined (all three
    talk).
    """

    to: str
    stage: str


@dataclass(frozen=True, slots=True)
class CallLive:
    """A call in progress; where it is parked, in ``slot``."""

    id: str
    direction: str
    number: str
    line: str
    started_at: float
    stage: Stage
    stage_since: float
    queue: str = ""
    agent: str = ""
    node: str = ""
    voice: str = "good"
    """How it sounds lately, the worst of its legs: good, fair, poor or bad."""
    supervisors: list[SupervisorLive] = field(default_factory=list)
    slot: str = ""
    consult: ConsultLive | None = None
    probe: str = ""
    """The test that it is, where no customer calls."""


@dataclass(frozen=True, slots=True)
class AlarmLive:
    """An alarm that is raised: rule ``alarm`` of ``kind`` at ``subject`` (a queue or a trunk). ``value`` is that of
    now (at most some seconds old), ``worst`` that which was furthest beyond ``limit`` ``since`` it was raised.
    """

    alarm: str
    kind: str
    subject: str
    value: float
    limit: float
    since: float
    worst: float | None = None


@dataclass(frozen=True, slots=True)
class DayBucket:
    """One half hour of today over all queues."""

    start_at: float
    figures: dict[str, Figure]


@dataclass(frozen=True, slots=True)
class QueueToday:
    """The day so far of one queue; ``threshold_s`` is T of its service level."""

    queue: str
    figures: dict[str, Figure]
    threshold_s: float | None


@dataclass(frozen=True, slots=True)
class Today:
    """The day so far over all queues, as the report counts it; ``queues`` are those to which somebody came."""

    day_start_at: float
    figures: dict[str, Figure]
    formulas: dict[str, FormulaView]
    threshold_s: float | None
    buckets: list[DayBucket]
    queues: list[QueueToday] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Board:
    """The whole live picture at ``at``, true up to event ``seq``. ``today`` is None until the first count is ready."""

    at: float
    seq: int
    queues: list[QueueLive]
    agents: list[AgentLive]
    calls: list[CallLive]
    today: Today | None
    alarms: list[AlarmLive] = field(default_factory=list)
