"""What the store's queries return: frozen values, times in epoch seconds, lengths in seconds."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from asr.protocol import Transcript
from campaigns.contact_filter import AttemptCell
from core.events import Jsonable
from reports.model import ReportQuery
from store.answer_rows import SurveyAnswer
from store.callback_rows import CallbackRow
from store.disposition_rows import DispositionRow


@dataclass(frozen=True, slots=True)
class Figure:
    """The figure ``key`` of the report that ``query`` asks for."""

    key: str
    query: ReportQuery


@dataclass(frozen=True, slots=True)
class AgentWork:
    """What is counted in the figure ``key`` (calls, rung, answered, withdrawn) of ``agent`` in [``since``,
    ``until``).
    """

    key: str
    agent: str
    since: float
    until: float


@dataclass(frozen=True, slots=True)
class CallFilter:
    """Which calls: those that began in [``since``, ``until``) and fit every field that is not empty.

    ``number`` is looked for inside the calling and the called number; ``outcome`` is a ``QueueOutcome`` or "waiting" of
    one of its queue entries; ``disposition`` is a code that stands, or "missing"; ``text`` must have been said
    (transcripts); ``behind`` is a figure of a report, in which one of its queue entries must have been counted;
    ``worked`` is one of an agent's work; ``attempts`` a figure of a campaign; ``up`` True: still up, False: over.
    """

    since: float | None = None
    until: float | None = None
    queue: str = ""
    agent: str = ""
    direction: str = ""
    number: str = ""
    outcome: str = ""
    disposition: str = ""
    text: str = ""
    behind: Figure | None = None
    worked: AgentWork | None = None
    attempts: AttemptCell | None = None
    up: bool | None = None


@dataclass(frozen=True, slots=True)
class CallSummary:
    """One line of the list of calls. ``queue`` and ``outcome`` are of its last queue entry, ``wait_s`` is the sum of
    all ("" and None where it never waited; ``outcome`` "waiting", ``wait_s`` None while it waits); ``agent`` is the
    last who talked, ``talk_s`` the sum of all talks.
    """

    id: str
    direction: str
    ani: str
    dnis: str
    trunk: str
    started_at: float
    answered_at: float | None
    ended_at: float | None
    reason: str
    by: str
    status: int
    queue: str
    outcome: str
    wait_s: float | None
    agent: str
    talk_s: float
    recordings: tuple[str, ...]
    transcription: str
    mos: float | None = None
    """The worst estimate over its legs and directions; None where none was measured."""
    disposition: str | None = None
    """The code that stands, "" where it is missing, None where none was demanded or given."""
    probe: str = ""
    """The test that it is, where no customer calls."""


@dataclass(frozen=True, slots=True)
class CallPage:
    """A page of the list, newest first; ``total`` is the number of calls that fit the filter. ``entries``:
    so many of their queue entries were counted in the figure that was asked for, None where none was.
    """

    calls: tuple[CallSummary, ...]
    total: int
    entries: int | None = None


@dataclass(frozen=True, slots=True)
class LegRow:
    """One party of a call; ``party`` is the agent's id or "" for an outside number."""

    id: str
    role: str
    party: str
    started_at: float
    answered_at: float | None
    ended_at: float | None
    reason: str
    status: int


@dataclass(frozen=True, slots=True)
class DirectionRow:
    """How one direction of a leg travelled: ``loss`` 0 to 1; ``mos`` 1.0 to 4.5, None where no packet came."""

    packets: int
    lost: int
    loss: float
    jitter_ms: float
    mos: float | None


@dataclass(frozen=True, slots=True)
class LegQualityRow:
    """A leg's quality: ``received`` from its far end, ``sent`` to it (None where the far end reported nothing)."""

    leg: str
    role: str
    party: str
    codec: str
    received: DirectionRow
    sent: DirectionRow | None
    round_trip_ms: float | None


@dataclass(frozen=True, slots=True)
class QueueEntryRow:
    """One wait in a queue; ``outcome`` "" and ``wait_s`` None while it waits; ``told_wait_s`` what the caller was
    first told.
    """

    id: str
    queue: str
    entered_at: float
    left_at: float | None
    outcome: str
    agent: str
    wait_s: float | None
    told_ahead: int | None
    told_wait_s: float | None
    told_low_s: float | None
    told_high_s: float | None


@dataclass(frozen=True, slots=True)
class OfferRow:
    """One ringing of an agent; ``result`` "" while it rings."""

    id: str
    entry: str
    queue: str
    agent: str
    made_at: float
    ended_at: float | None
    result: str
    ring_s: float | None


@dataclass(frozen=True, slots=True)
class TalkRow:
    """One talk with one agent; ``talk_s`` and ``hold_s`` None while it goes on."""

    agent: str
    queue: str
    started_at: float
    ended_at: float | None
    talk_s: float | None
    hold_s: float | None


@dataclass(frozen=True, slots=True)
class GapRow:
    """Silence in place of what was said; ``why`` paused, disk or stall; seconds from the recording's beginning."""

    start_s: float
    end_s: float
    why: str


@dataclass(frozen=True, slots=True)
class RecordingRow:
    """A recording; ``path`` is relative to the recordings folder; ``duration_s`` None while it runs.

    ``transcription``: recording (not finished), waiting, ready or failed, ``why`` in words for people where it failed;
    ``box`` names the voice mail box where it is a message. ``keeping``: "" while it runs, waiting, kept (``keep_as``
    and what follows are of the stored file then), failed (it stays a WAV file, ``keep_why``) or deleted. It is on legal
    hold while ``held_at`` is not None. ``gaps`` is filled where one call is asked for.
    """

    id: str
    call_id: str
    path: str
    left: str
    right: str
    started_at: float
    duration_s: float | None
    repaired: bool
    transcription: str
    why: str
    box: str
    keeping: str = ""
    keep_why: str = ""
    keep_as: str = ""
    size: int | None = None
    sha256: str = ""
    pcm_sha256: str = ""
    key: str = ""
    held_at: float | None = None
    held_by: str = ""
    held_why: str = ""
    deleted_at: float | None = None
    gaps: tuple[GapRow, ...] = ()


@dataclass(frozen=True, slots=True)
class ChoiceRow:
    """What the caller chose, answered or failed to in a flow: ``what`` is chosen, failed or answered; ``how`` key,
    speech or why not.
    """

    at: float
    node: str
    what: str
    value: str
    how: str


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One line of the log as it is kept; ``fields`` are the fact's."""

    seq: int
    id: str
    at: float
    call_id: str
    name: str
    fields: Mapping[str, Jsonable]


@dataclass(frozen=True, slots=True)
class CallDetail:
    """One call with all that is known of it, each list oldest first. ``transcripts`` by recording id. ``callback`` was
    promised in it, or it is a try to keep that promise.
    """

    call: CallSummary
    legs: tuple[LegRow, ...]
    qualities: tuple[LegQualityRow, ...]
    entries: tuple[QueueEntryRow, ...]
    offers: tuple[OfferRow, ...]
    talks: tuple[TalkRow, ...]
    recordings: tuple[RecordingRow, ...]
    choices: tuple[ChoiceRow, ...]
    transcripts: Mapping[str, Transcript]
    timeline: tuple[StoredEvent, ...]
    callback: CallbackRow | None = None
    dispositions: tuple[DispositionRow, ...] = ()


@dataclass(frozen=True, slots=True)
class UnfinishedRecording:
    """A file that a crash cut: mend it, then post ``RecordingFinished(recording, seconds, repaired=True)`` for its
    call.
    """

    recording: str
    call_id: str
    path: str
    left: str
    right: str
    started_at: float


@dataclass(frozen=True, slots=True)
class Recovered:
    """What recovery at start had to end: counts for the log line, and the files to mend."""

    died_at: float
    calls: int
    entries: int
    offers: int
    talks: int
    legs: int
    attempts: int
    agents: int
    recordings: tuple[UnfinishedRecording, ...]
    callbacks: int = 0


@dataclass(frozen=True, slots=True)
class Account:
    """A person who may sign in; ``role`` is admin, supervisor, agent or viewer; ``hash`` is the console's password
    hash.
    """

    name: str
    role: str
    hash: str
    agent: str = ""
    must_change: bool = False


@dataclass(frozen=True, slots=True)
class CampaignSummary:
    """A dial list and how far it is; ``state`` is "" before it first ran; ``tried`` were called once at least;
    ``results`` counts contacts that are done by their result. Who is held out or put aside is in ``results`` only.
    ``why`` it paused by itself.
    """

    name: str
    state: str
    created_at: float
    contacts: int
    pending: int
    dialling: int
    done: int
    tried: int
    results: Mapping[str, int]
    why: str = ""


@dataclass(frozen=True, slots=True)
class ContactResult:
    """One contact and what came of it; ``state`` is pending, dialling or done; ``called_at`` None and ``call_id`` ""
    if not called, ``called`` how often. While he waits, ``last`` is the result of the last attempt and he is not called
    before ``again_at`` (None: at any time); ``promised_at`` he was promised to be called by ``wanted_agent``.
    ``dialled`` is the number that was called last, ``others`` his numbers besides that of the list, in their order.
    """

    contact: int
    number: str
    name: str
    fields: Mapping[str, str]
    state: str
    result: str
    called_at: float | None
    call_id: str
    answers: tuple[SurveyAnswer, ...]
    called: int = 0
    last: str = ""
    again_at: float | None = None
    promised_at: float | None = None
    wanted_agent: str = ""
    dialled: str = ""
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CallerPast:
    """Of a caller's earlier calls: ``agents`` he talked with last, and when, by queue; since when he has waited in the
    queues that he has left without an answer (``given_up``); when the last call ended; the ``owners``
    of his open tasks, of the newest first. Epoch seconds.
    """

    agents: Mapping[str, tuple[str, float]] = field(default_factory=dict)
    given_up: Mapping[str, float] = field(default_factory=dict)
    ended_at: float | None = None
    owners: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AgentNow:
    """An agent's state as the log last told it; ``until`` is when it ends by itself or is planned to (0: unknown)."""

    agent: str
    state: str
    reason: str
    since: float
    until: float = 0.0


@dataclass(frozen=True, slots=True)
class LogHealth:
    """How the log is: facts ``queued`` in memory, facts ``lost`` since start (0 unless the disk failed for very long),
    ``failing_since`` epoch seconds while the disk refuses, ``last_seq`` on disk.
    """

    queued: int
    lost: int
    failing_since: float | None
    last_seq: int
