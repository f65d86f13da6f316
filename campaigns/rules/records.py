"""What is on record about numbers and decisions, as people read it. Times in epoch seconds."""

from dataclasses import dataclass, field

from campaigns.retry import Past


@dataclass(frozen=True, slots=True)
class Bar:
    """``number`` is not called by campaigns, because ``kind`` (refused, listed), since ``at``; ``freed_at`` is None
    while that holds. ``how`` it came: key, speech, agent, person, import; ``by`` is the account ("": the customer).
    """

    number: str
    kind: str
    how: str
    at: float
    by: str
    note: str
    campaign: str
    call_id: str
    freed_at: float | None
    freed_by: str
    freed_why: str


@dataclass(frozen=True, slots=True)
class Consent:
    """Whoever has ``number`` agreed ``given_at`` to calls for ``purpose``: ``how`` (written, online, spoken, agent) and
    by which ``evidence``; put on record ``at``, ``by`` an account. ``withdrawn_at`` is None while it holds.
    """

    number: str
    purpose: str
    how: str
    evidence: str
    given_at: float
    at: float
    by: str
    withdrawn_at: float | None
    withdrawn_by: str
    withdrawn_why: str


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision that was made ``at``: to call in ``attempt``, or not, by ``rule``, before ``not_before`` (None: not at
    all, as things stood).
    """

    at: float
    allowed: bool
    rule: str
    not_before: float | None
    attempt: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A contact as the list has it: ``not_before`` (0: at once) counts while ``state`` is pending. ``past``: how he was
    tried; ``promised_at`` is when he was promised a call (None: he was not), at ``call_at`` by ``agent``. No plan and
    no promise wants him to be called before ``turn_at``. Who is done may be called anew from ``anew_at``.
    """

    contact: int
    number: str
    name: str
    state: str
    result: str
    not_before: float
    past: Past = field(default_factory=Past)
    promised_at: float | None = None
    call_at: float | None = None
    agent: str = ""
    turn_at: float = 0.0
    anew_at: float | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of numbers that were to be put on the list: ``added``, ``known`` before, and those that are no
    numbers.
    """

    added: int
    known: int
    rejected: tuple[str, ...] = ()
