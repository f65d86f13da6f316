"""What agents do with their phones besides taking calls, as the log keeps it."""

from dataclasses import dataclass

from core.events import Fact, fact


@fact("call.placed")
@dataclass(frozen=True, slots=True)
class CallPlaced(Fact):
    """``agent`` calls ``dnis``, a number outside, through ``trunk``, which shows ``ani`` there ("": the trunk's own).
    ``how``: phone (he has dialled it) or page (he has asked for it there, and his own phone is rung first). With this
    the call is an outbound one, whatever it began as.
    """

    agent: str
    how: str
    ani: str
    dnis: str
    trunk: str


@fact("refusal.overruled")
@dataclass(frozen=True, slots=True)
class RefusalOverruled(Fact):
    """``agent`` calls somebody who is not to be called (he has refused, or stands on a list), and ``why``."""

    agent: str
    why: str


@fact("feature.used")
@dataclass(frozen=True, slots=True)
class FeatureUsed(Fact):
    """``agent`` has dialled the code of ``feature`` (a key of ``[features]``, "" for a code that there is not) on his
    phone, with the digits ``more`` behind it. ``outcome``: done, wrong (no such code, reason, or agent who talks) or
    refused. What it changed is told by facts of its own.
    """

    agent: str
    feature: str
    outcome: str
    more: str = ""


@fact("call.parked")
@dataclass(frozen=True, slots=True)
class CallParked(Fact):
    """The caller is parked in ``slot`` and hears music; ``by`` is the agent who talked with him, "" for somebody
    outside.
    """

    slot: str
    by: str


@fact("park.ended")
@dataclass(frozen=True, slots=True)
class ParkEnded(Fact):
    """Said once for each that was parked. ``how``: taken (``agent`` talks with him now), returned (to ``agent``, who
    had parked him), nobody (he did not answer either) or abandoned (the caller has hung up, or the house stopped).
    """

    slot: str
    how: str
    agent: str
    parked_s: float


@fact("consult.started")
@dataclass(frozen=True, slots=True)
class ConsultStarted(Fact):
    """``agent`` has set his caller aside and asks ``to`` (a colleague's id or a number outside), who is rung; account
    ``by`` has asked for it.
    """

    agent: str
    to: str
    by: str


@fact("consult.answered")
@dataclass(frozen=True, slots=True)
class ConsultAnswered(Fact):
    """He has answered; the two talk while the caller hears music."""

    agent: str
    to: str


@fact("consult.joined")
@dataclass(frozen=True, slots=True)
class ConsultJoined(Fact):
    """All three talk now, as ``by`` has asked."""

    agent: str
    to: str
    by: str


@fact("consult.ended")
@dataclass(frozen=True, slots=True)
class ConsultEnded(Fact):
    """Said once for each that was started. ``reason``: transferred (the caller talks on with ``to``), returned (``by``
    asked for it), hung_up (by ``to``), talk_over, or as ``telephony.ports.EndReason`` why he was not reached.
    """

    agent: str
    to: str
    by: str
    reason: str
