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


@fact("call.diverted")
@dataclass(frozen=True, slots=True)
class CallDiverted(Fact):
    """The caller had called ``first``, and was sent on to us, lastly from ``last`` for ``reason`` (RFC 5806's words),
    over ``count`` numbers in all; "anonymous" where a number is not to be known.
    """

    first: str
    last: str
    reason: str
    count: int


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
    """A leg exists: ``role`` is caller, customer, agent or supervisor; ``party`` is his id as an agent, "" for a number
    outside.
    """

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
    """The leg is over; ``status`` is the SIP status where it was refused, 0 where it ended by BYE; ``cause`` the Q.850
    cause that the far end gave, 0 where it gave none.
    """

    leg: str
    reason: str
    status: int = 0
    cause: int = 0


@fact("leg.scored")
@dataclass(frozen=True, slots=True)
class LegScored(Fact):
    """The voice of a leg has got better or worse in mid call: ``level`` good, fair, poor or bad (ITU-T G.109) by
    ``mos``, the worse of its two directions in the last ten seconds. A leg is good until this says otherwise.
    """

    leg: str
    role: str
    party: str
    level: str
    mos: float


@fact("leg.measured")
@dataclass(frozen=True, slots=True)
class LegMeasured(Fact):
    """How a leg's audio travelled over its life, said when its audio is closed; nothing where no packet ever came.

    ``received_…`` is what the far end sent, as we measured it; ``sent_…`` what we sent, as the far end's RTCP reported
    it (None where it reported nothing). Loss is a share of 0 to 1, ``…_mos`` an estimate of 1.0 to 4.5 (ITU-T G.107),
    None where no packet came that way.
    """

    leg: str
    role: str
    party: str
    codec: str
    received_packets: int
    received_lost: int
    received_loss: float
    received_jitter_ms: float
    received_mos: float | None
    sent_packets: int | None = None
    sent_lost: int | None = None
    sent_loss: float | None = None
    sent_jitter_ms: float | None = None
    sent_mos: float | None = None
    round_trip_ms: float | None = None


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


@fact("transfer.started")
@dataclass(frozen=True, slots=True)
class TransferStarted(Fact):
    """``by`` (an agent's id or an account) passes the call on ``to`` a number or agent: ``kind`` is blind, or attended
    where he has talked with them before.
    """

    kind: str
    by: str
    to: str


@fact("transfer.completed")
@dataclass(frozen=True, slots=True)
class TransferCompleted(Fact):
    """The call has been passed on; ``agent`` is who took it, "" where it went to a queue, a flow or outside."""

    kind: str
    by: str
    to: str
    agent: str = ""


@fact("transfer.failed")
@dataclass(frozen=True, slots=True)
class TransferFailed(Fact):
    """Nobody took it; ``reason`` is one of ``EndReason``'s values. It is with ``by`` again, if he is still there."""

    kind: str
    by: str
    to: str
    reason: str


@fact("leg.replaced")
@dataclass(frozen=True, slots=True)
class LegReplaced(Fact):
    """The leg's far end goes on with another of its phones (INVITE with Replaces, RFC 3891)."""

    leg: str


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


@fact("recording.paused")
@dataclass(frozen=True, slots=True)
class RecordingPaused(Fact):
    """From now on it holds silence (payment details are told): ``by`` says who asked, an account or an agent's id."""

    recording: str
    by: str


@fact("recording.resumed")
@dataclass(frozen=True, slots=True)
class RecordingResumed(Fact):
    """It holds what is said again; ``by`` as in ``RecordingPaused``."""

    recording: str
    by: str


@fact("recording.faulty")
@dataclass(frozen=True, slots=True)
class RecordingFaulty(Fact):
    """Something goes wrong with a recording that runs (the disk is full or slow): its call goes on, a gap is marked."""

    recording: str
    fault: str


@fact("recording.gap")
@dataclass(frozen=True, slots=True)
class RecordingGap(Fact):
    """Silence stands there in place of what was said, ``start_s`` to ``end_s`` from the beginning of the recording;
    ``why`` is paused, disk or stall.
    """

    recording: str
    start_s: float
    end_s: float
    why: str


@fact("trunk.down")
@dataclass(frozen=True, slots=True)
class TrunkDown(Fact):
    """A carrier does not answer any more; ``why`` in words."""

    trunk: str
    why: str


@fact("trunk.up")
@dataclass(frozen=True, slots=True)
class TrunkUp(Fact):
    """A carrier answers (again)."""

    trunk: str


@fact("trunk.full")
@dataclass(frozen=True, slots=True)
class TrunkFull(Fact):
    """A call found all ``channels`` of the trunk in use: ``direction`` in, and it was refused with 503, or out, and it
    was not made. Who called whom, so that he can be called back. ``times`` is above 1 where there were so many at once
    that not each is told.
    """

    trunk: str
    direction: str
    channels: int
    ani: str
    dnis: str
    times: int


@fact("phone.registered")
@dataclass(frozen=True, slots=True)
class PhoneRegistered(Fact):
    """A phone of an agent has registered: ``phone`` is its contact, ``address`` where it really is, ``user_agent`` what
    it calls itself. Refreshes are not told.
    """

    agent: str
    phone: str
    address: str
    user_agent: str


@fact("phone.gone")
@dataclass(frozen=True, slots=True)
class PhoneGone(Fact):
    """A phone of an agent is not registered any more; ``why`` is unregistered or expired."""

    agent: str
    phone: str
    why: str


@fact("phone.silent")
@dataclass(frozen=True, slots=True)
class PhoneSilent(Fact):
    """A phone of an agent does not answer OPTIONS any more, or cannot be reached: it is not rung until it does."""

    agent: str
    phone: str


@fact("phone.answers")
@dataclass(frozen=True, slots=True)
class PhoneAnswers(Fact):
    """A phone that was silent answers again, or can be reached again: it is rung."""

    agent: str
    phone: str


@fact("trace.switched")
@dataclass(frozen=True, slots=True)
class TraceSwitched(Fact):
    """Someone switched the SIP trace, which holds personal data, on or off."""

    on: bool
    by: str
