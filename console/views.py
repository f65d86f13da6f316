"""What the console shows, as plain values: the body of every answer of the API.

Times are epoch seconds (UTC), lengths are seconds. Numbers of customers are masked for roles that may not see them
(``console.masks``); everything else is as the log has it.
"""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from console.callback_views import CallbackView
from console.disposition_views import DispositionSaid

TranscriptState = Literal["none", "pending", "ready", "failed"]
RecordingState = Literal["", "recording", "paused"]
Bucket = Literal["half_hour", "hour", "day", "week", "month", "week_hour", "total"]
By = Literal["queue", "line"]
Figure: TypeAlias = int | float | None
FieldValue: TypeAlias = str | int | float | bool | list[str] | None
"""A field of a fact: ``core.events.Jsonable`` in a form that the API's library can look into."""


@dataclass(frozen=True, slots=True)
class CallRow:
    """One call in a list. ``queue`` and ``agent`` are the last ones that it reached, "" where it reached none;
    ``outcome`` is of its last wait in a queue, ``wait_s`` the sum of all its waits, None while it waits.
    """

    id: str
    direction: str
    ani: str
    dnis: str
    started_at: float
    answered_at: float | None
    ended_at: float | None
    queue: str = ""
    agent: str = ""
    reason: str = ""
    ended_by: str = ""
    outcome: str = ""
    wait_s: float | None = None
    talk_s: float | None = None
    recordings: int = 0
    transcript: TranscriptState = "none"
    mos: float | None = None
    """The worst estimated opinion score over the call's legs and directions, 1.0 to 4.5."""
    disposition: str | None = None
    """The code that stands, "" where one was demanded and none given, None where none was demanded or given."""
    probe: str = ""
    """The test that it is, where no customer calls."""


@dataclass(frozen=True, slots=True)
class CallPage:
    """``items`` of a list that has ``total`` in all, beginning with number ``offset``. ``entries``: so many of their
    waits are counted in the figure ``behind`` which they stand; a call that came to several queues has several.
    """

    items: list[CallRow]
    total: int
    offset: int
    limit: int
    entries: int | None = None


@dataclass(frozen=True, slots=True)
class DirectionView:
    """How one direction travelled: packets, how many never came, their share (0 to 1), mean interarrival jitter
    (RFC 3550), and the mean opinion score that the E-model (ITU-T G.107) gives it; ``mos`` is None without packets.
    """

    packets: int
    lost: int
    loss: float
    jitter_ms: float
    mos: float | None


@dataclass(frozen=True, slots=True)
class LegQualityView:
    """``received`` from the party as we measured it; ``sent`` to it as its own reports (RTCP) say, None where it sent
    none; then ``round_trip_ms`` is None too.
    """

    codec: str
    received: DirectionView
    sent: DirectionView | None = None
    round_trip_ms: float | None = None


@dataclass(frozen=True, slots=True)
class LegView:
    """One party of a call; ``quality`` is known from the end of its audio on."""

    id: str
    role: str
    party: str
    started_at: float
    answered_at: float | None
    ended_at: float | None
    reason: str = ""
    status: int = 0
    quality: LegQualityView | None = None


@dataclass(frozen=True, slots=True)
class EntryView:
    """One wait in a queue; ``outcome`` "" while it lasts."""

    id: str
    queue: str
    entered_at: float
    left_at: float | None
    outcome: str = ""
    wait_s: float | None = None
    agent: str = ""


@dataclass(frozen=True, slots=True)
class GapView:
    """Silence in place of what was said; ``why`` paused, disk or stall; seconds from the beginning."""

    start_s: float
    end_s: float
    why: str


@dataclass(frozen=True, slots=True)
class RecordingView:
    """A recording. ``left`` and ``right`` say who is on which channel; ``duration_s`` is None while it is made.

    ``keep_as`` (flac, opus, wav) with ``size`` and ``sha256`` tell of the stored file, "" and None before it has its
    final form; ``pcm_sha256`` is of the samples as recorded. ``held_at`` is not None while it is on legal hold.
    """

    id: str
    left: str
    right: str
    started_at: float
    duration_s: float | None
    repaired: bool = False
    transcript: TranscriptState = "none"
    why: str = ""
    keep_as: str = ""
    size: int | None = None
    sha256: str = ""
    pcm_sha256: str = ""
    sealed: bool = False
    held_at: float | None = None
    held_by: str = ""
    held_why: str = ""
    deleted_at: float | None = None
    gaps: list[GapView] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class PeaksView:
    """A waveform: the loudest sample of each slice of each channel, 0 to 1."""

    duration_s: float
    channels: list[list[float]]


@dataclass(frozen=True, slots=True)
class EventView:
    """One line of the event log."""

    seq: int
    id: str
    at: float
    call_id: str
    name: str
    data: dict[str, FieldValue]


@dataclass(frozen=True, slots=True)
class CallDetail:
    """All that is known of one call. ``recording_state`` says whether it is recorded at this moment; ``callback`` was
    promised in it, or it is a try to keep that promise; ``dispositions`` are all words that were said of its talks.
    """

    call: CallRow
    legs: list[LegView]
    entries: list[EntryView]
    recordings: list[RecordingView]
    events: list[EventView]
    recording_state: RecordingState = ""
    callback: CallbackView | None = None
    dispositions: list[DispositionSaid] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class WordView:
    """A word of a transcript, seconds from the start of the recording."""

    text: str
    start_s: float
    end_s: float
    confidence: float = 1.0


@dataclass(frozen=True, slots=True)
class SegmentView:
    """Something said without a longer pause by ``speaker`` (caller, customer, agent or system)."""

    speaker: str
    start_s: float
    end_s: float
    text: str
    words: list[WordView]


@dataclass(frozen=True, slots=True)
class TranscriptView:
    """What was said on a recording, in time order."""

    recording: str
    engine: str
    duration_s: float
    segments: list[SegmentView]


@dataclass(frozen=True, slots=True)
class FormulaView:
    """What a figure is called and how it is counted, in both languages; ``unit`` is count, share or s."""

    title_zh: str
    title_en: str
    formula_zh: str
    formula_en: str
    unit: str


@dataclass(frozen=True, slots=True)
class QueueNumbers:
    """The figures of one queue ("" for all) or line (likewise) in one bucket, by key; None where nothing was counted
    below the line. ``label`` is the bucket's local start, or ``1T09`` for Mondays from 9 to 10.

    ``threshold_s`` is T of its service levels; None where queues with different T are together, each by its own.
    """

    queue: str
    start_at: float
    end_at: float
    figures: dict[str, Figure]
    threshold_s: float | None = None
    line: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class WaitBin:
    """Waits from ``from_s`` up to ``to_s`` (None: and longer) in the whole period."""

    from_s: float
    to_s: float | None
    answered: int
    abandoned: int


@dataclass(frozen=True, slots=True)
class QueueReport:
    """Queue metrics from ``from_at`` to ``to_at``; ``formulas`` tells of each figure how it is counted.

    ``rows``: each queue in each bucket. ``all_queues``: each bucket over all queues (``queue`` is ""). ``totals``: each
    queue over the whole period. ``total``: everything. ``by`` line, lines stand in the place of queues. ``before`` has
    the totals of the period before and last its total, where it was asked for.
    """

    from_at: float
    to_at: float
    bucket: Bucket
    zone: str
    threshold_s: float | None
    formulas: dict[str, FormulaView]
    rows: list[QueueNumbers]
    all_queues: list[QueueNumbers]
    totals: list[QueueNumbers]
    total: QueueNumbers
    histogram: list[WaitBin]
    by: By = "queue"
    before: list[QueueNumbers] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class CampaignView:
    """A dial list with its progress: ``results`` counts attempts by their result; ``why`` it paused by itself."""

    id: str
    title: str
    state: str
    contacts: int
    tried: int
    finished: int
    results: dict[str, int]
    created_at: float | None = None
    why: str = ""


@dataclass(frozen=True, slots=True)
class Component:
    """One part of the system: ``state`` is ok, degraded, down or off; ``detail`` says what, and what to do about it.

    ``code`` and its ``values`` say the same to a page that has words of its own for it (``console/pages/words.js``).
    """

    name: str
    state: str
    detail: str = ""
    code: str = ""
    values: list[int | str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class TrunkAddressView:
    """One address of a carrier, as ``udp:203.0.113.7:5060``: ``pulse`` is up, down, unknown (no answer to OPTIONS yet)
    or not_asked. ``avoided_s``: it is tried last for so many more seconds, after ``failures`` in a row.
    """

    address: str
    pulse: str
    round_trip_ms: float | None
    failures: int
    avoided_s: float


@dataclass(frozen=True, slots=True)
class TrunkView:
    """One trunk now: ``state``, ``detail``, ``code`` and ``values`` as of a ``Component``. ``registered_for_s`` is what
    is left of the registration, ``register_again_s`` when the carrier is asked next; None where there is none.
    ``lookup`` says what is wrong with the carrier's name in the DNS, "" where it was found.
    """

    name: str
    host: str
    transport: str
    state: str
    detail: str
    code: str
    values: list[int | str]
    calls: int
    max_calls: int
    calls_per_s: float
    codecs: list[str]
    encryption: str
    registers: bool
    registered_for_s: float | None
    register_again_s: float | None
    addresses: list[TrunkAddressView]
    lookup: str


@dataclass(frozen=True, slots=True)
class HealthView:
    """Whether the house stands. ``components`` is empty for callers who are not signed in."""

    status: str
    version: str
    at: float
    uptime_s: float
    components: list[Component]
