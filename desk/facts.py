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
    """Somebody must look after the call; ``kind`` says why, ``detail`` as short as in "1/5"."""

    task: str
    kind: str
    queue: str
    agent: str
    detail: str = ""


@fact("task.closed")
@dataclass(frozen=True, slots=True)
class TaskClosed(Fact):
    """Account ``by`` has done it; ``note`` says what came of it."""

    task: str
    by: str
    note: str
