"""What supervisors do, as the log keeps it: who, by whose account, how, in which call. The record of it all (audit)."""

from dataclasses import dataclass

from core.events import Fact, fact


@fact("supervision.asked")
@dataclass(frozen=True, slots=True)
class SupervisionAsked(Fact):
    """Account ``by`` wants to be in the talk of ``agent`` ("" where it is somebody outside): the phone of
    ``supervisor`` (an agent's id) rings. ``mode`` is listen, whisper, barge or take_over (``telephony.oversight``).
    """

    supervisor: str
    by: str
    mode: str
    agent: str = ""


@fact("supervision.started")
@dataclass(frozen=True, slots=True)
class SupervisionStarted(Fact):
    """He has answered and is in the talk."""

    supervisor: str
    by: str
    mode: str
    agent: str = ""


@fact("supervision.changed")
@dataclass(frozen=True, slots=True)
class SupervisionChanged(Fact):
    """From now on he does ``mode``; ``by`` is his own id where he has pressed a key of his phone. ``agent`` is another
    one where the caller has been passed on, and the supervisor with him.
    """

    supervisor: str
    by: str
    mode: str
    agent: str = ""


@fact("supervision.ended")
@dataclass(frozen=True, slots=True)
class SupervisionEnded(Fact):
    """Said once for each that was asked for. ``mode`` was his last; ``lasted_s`` is how long he was in the talk, 0
    where he never came. ``reason``: hung_up (his phone), left (``by`` asked for it), talk_over, passed_on (the caller
    waits elsewhere), took_over (the talk is his), refused (it could not be done), or as
    ``telephony.ports.EndReason`` why his phone was not reached.
    """

    supervisor: str
    by: str
    mode: str
    reason: str
    lasted_s: float = 0.0
    agent: str = ""


@fact("agent.forced")
@dataclass(frozen=True, slots=True)
class AgentForced(Fact):
    """Account ``by`` has asked for another state of ``agent`` in his place: available, paused (with ``reason``) or
    offline; or wrap_up: more time for it. What came of it is told by ``agent.state`` and ``wrap_up.extended``.
    """

    agent: str
    state: str
    by: str
    reason: str = ""


@fact("agent.message")
@dataclass(frozen=True, slots=True)
class AgentMessage(Fact):
    """Account ``by`` tells ``agent`` something; it is shown on his page."""

    agent: str
    text: str
    by: str


@fact("waiting.moved")
@dataclass(frozen=True, slots=True)
class CallerMoved(Fact):
    """Account ``by`` has sent a waiting caller from one queue to another."""

    queue: str
    to: str
    by: str


@fact("waiting.pulled")
@dataclass(frozen=True, slots=True)
class CallerPulled(Fact):
    """Account ``by`` has the phone of ``agent`` rung for a caller who waits in ``queue`` and does so until it is
    answered.
    """

    queue: str
    agent: str
    by: str
