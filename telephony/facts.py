"""What can become true of calls, legs and recordings."""

from dataclasses import dataclass

from core.events import Fact, fact


@fact("call.started")
@dataclass(frozen=True, slots=True)
class CallStarted(Fact):
    """A call exists: ``direction`` is inbound, outbound or internal; ``trunk`` is "" between our own phones."""

    direction: str
    ani: str
    dnis: str
    trunk: str = ""


@fact("call.answered")
@dataclass(frozen=True, slots=True)
class CallAnswered(Fact):
    """Inbound: we answered the caller. Outbound: the called person answered."""


@fact("call.ended")
@dataclass(frozen=True, slots=True)
class CallEnded(Fact):
    """The call is over, said once. ``by`` is caller, agent or system; ``reason`` one of ``EndReason``'s values."""

    reason: str
    by: str
    status: int = 0


@fact("leg.started")
@dataclass(frozen=True, slots=True)
class LegStarted(Fact):
    """A leg exists: ``role`` is caller, customer or agent; ``party`` the agent's id, or "" for an outside number."""

    leg: str
    role: str
    party: str = ""


@fact("leg.answered")
@dataclass(frozen=True, slots=True)
class LegAnswered(Fact):
    """The leg's far end (or, for an incoming leg, we) answered."""

    leg: str


@fact("leg.ended")
@dataclass(frozen=True, slots=True)
class LegOver(Fact):
    """The leg is over; ``status`` is the SIP status where it was refused, 0 where it ended by BYE."""

    leg: str
    reason: str
    status: int = 0


@fact("talk.started")
@dataclass(frozen=True, slots=True)
class TalkStarted(Fact):
    """Two people were joined: the call's caller or customer with ``agent``; ``queue`` is "" for a direct call."""

    agent: str
    queue: str = ""


@fact("talk.held")
@dataclass(frozen=True, slots=True)
class TalkHeld(Fact):
    """The agent put the other side on hold."""

    agent: str


@fact("talk.resumed")
@dataclass(frozen=True, slots=True)
class TalkResumed(Fact):
    """The agent came back from hold."""

    agent: str


@fact("talk.ended")
@dataclass(frozen=True, slots=True)
class TalkEnded(Fact):
    """The two were parted: ``talk_s`` without hold, ``hold_s`` on hold."""

    agent: str
    talk_s: float
    hold_s: float
    queue: str = ""


@fact("recording.started")
@dataclass(frozen=True, slots=True)
class RecordingStarted(Fact):
    """Both sides go to ``path`` (relative to the recordings folder). ``left``/``right`` say who is on which channel:
    caller, customer, agent or system.
    """

    recording: str
    path: str
    left: str
    right: str


@fact("recording.finished")
@dataclass(frozen=True, slots=True)
class RecordingFinished(Fact):
    """The file is whole: ``repaired`` where a crash cut it and its header was mended at restart."""

    recording: str
    duration_s: float
    repaired: bool = False
