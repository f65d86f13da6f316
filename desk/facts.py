"""What can become true after a talk: what the caller thinks of it, and what somebody must look after."""

from dataclasses import dataclass

from core.events import Fact, fact


@fact("rating.asked")
@dataclass(frozen=True, slots=True)
class RatingAsked(Fact):
    """The caller is asked what he thinks of the talk with ``agent``; ``queue`` is where he came from."""

    queue: str
    agent: str


@fact("rating.given")
@dataclass(frozen=True, slots=True)
class RatingGiven(Fact):
    """He gave ``score``, of ``best`` at most."""

    queue: str
    agent: str
    score: int
    best: int


@fact("task.opened")
@dataclass(frozen=True, slots=True)
class TaskOpened(Fact):
    """Somebody must look after the call; ``kind`` says why, ``detail`` as short as in "1/5". Behind a low score in a
    survey stand its name, its version (``form``), the question and the score that was given (``value``).
    """

    task: str
    kind: str
    queue: str
    agent: str
    detail: str = ""
    survey: str = ""
    form: str = ""
    question: str = ""
    value: str = ""


@fact("task.taken")
@dataclass(frozen=True, slots=True)
class TaskTaken(Fact):
    """``owner`` looks after it from now on (an agent, or the account of one who has no phone; "": it was given back).
    Account ``by`` has said so.
    """

    task: str
    owner: str
    by: str


@fact("task.closed")
@dataclass(frozen=True, slots=True)
class TaskClosed(Fact):
    """Account ``by`` has done it; ``note`` says what came of it."""

    task: str
    by: str
    note: str


@fact("call.disposed")
@dataclass(frozen=True, slots=True)
class CallDisposed(Fact):
    """What came of the talk of ``agent``, who had it out of ``queue``: a ``code`` of the configuration (see
    ``desk.dispositions``) and what was told besides. ``by`` is the account that says so. The last word stands.
    """

    agent: str
    queue: str
    code: str
    by: str
    note: str = ""
    date: str = ""
    plate: str = ""
    customer: str = ""


@fact("interest.said")
@dataclass(frozen=True, slots=True)
class InterestSaid(Fact):
    """Person ``person``, whom ``agent`` has talked with under ``number``, said on ``day`` how much he would replace the
    car ``vehicle`` (its key; "": none is named): a ``level`` of ``desk.interest``. ``by`` is the account that says so.
    The last word on a car stands.
    """

    person: int
    number: str
    vehicle: str
    level: str
    day: str
    agent: str
    by: str
    note: str = ""


@fact("disposition.set")
@dataclass(frozen=True, slots=True)
class DispositionSet(Fact):
    """Account ``by`` has said in place of ``agent`` what came of his talk: a ``code``, as ``call.disposed`` tells."""

    agent: str
    code: str
    by: str
