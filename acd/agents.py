"""An agent as a state machine: what he is doing, what he wants to be after it, whether he has a phone.

The table says for each (state, input) what comes next. ``None`` as the next state means "at rest": offline, paused or
available, as his duty and his phone allow. Pairs where nothing is to change are listed in ``IGNORED``; any other
pair is a mistake of ours and raises. What the caller's side must hear of (an offer to be withdrawn) is the ``Effect``.

The idle clock decides who is rung first. It runs from the end of the last queue call's wrap-up (or from signing in);
direct calls, transfers and missed offers don't reset it. It stands still, but is kept, while the agent is paused or
his phone is away; signing out resets it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Final

from acd.facts import AgentStatus
from core.channels import ALL, Channel
from core.errors import LocalProtocolError


class AgentState(StrEnum):
    """What the agent is doing."""

    OFFLINE = "offline"
    AVAILABLE = "available"
    OFFERED = "offered"  # rung for a queue's caller
    TALKING = "talking"  # with a queue's caller
    WRAP_UP = "wrap_up"
    PAUSED = "paused"
    RESERVED = "reserved"  # rung by a direct call or consultation
    DIRECT = "direct"  # talks in a direct call


class AgentInput(StrEnum):
    """What can happen to an agent."""

    READY = "ready"
    PAUSE = "pause"
    SIGN_OUT = "sign_out"
    PHONE_UP = "phone_up"
    PHONE_LOST = "phone_lost"
    OFFER = "offer"
    OFFER_ENDED = "offer_ended"  # without an answer
    ANSWER = "answer"
    TALK_OVER = "talk_over"
    WRAP_UP_OVER = "wrap_up_over"
    RESERVE = "reserve"
    ENGAGE = "engage"
    RELEASE = "release"


class Duty(StrEnum):
    """What the agent wants to be."""

    OUT = "out"
    ON = "on"
    PAUSED = "paused"


class Effect(Enum):
    """What else a step asks for."""

    NONE = 0
    DROP_OFFER = 1  # the offer that rings him must be withdrawn
    BEGIN_WRAP_UP = 2
    END_WRAP_UP = 3


_S, _I = AgentState, AgentInput
_DUTIES: Final = (_I.READY, _I.PAUSE, _I.SIGN_OUT)
_PHONE: Final = (_I.PHONE_UP, _I.PHONE_LOST)
_BUSY: Final = (_S.TALKING, _S.RESERVED, _S.DIRECT)
STANDING: Final = frozenset({*_DUTIES, *_PHONE})
"""What an agent wants or has, whatever he is doing."""
# To name a member of an enumeration costs more than a call in Python 3.11, and this machine runs for every ring.
_OFFLINE, _AVAILABLE, _TALKING, _WRAP_UP, _PAUSED = _S.OFFLINE, _S.AVAILABLE, _S.TALKING, _S.WRAP_UP, _S.PAUSED
_OUT, _ON, _NONE, _END_WRAP_UP = Duty.OUT, Duty.ON, Effect.NONE, Effect.END_WRAP_UP

TABLE: Final[dict[tuple[AgentState, AgentInput], tuple[AgentState | None, Effect]]] = {
    **{(state, duty): (None, Effect.NONE) for state in (_S.OFFLINE, _S.AVAILABLE, _S.PAUSED) for duty in _DUTIES},
    **{(state, phone): (None, Effect.NONE) for state in (_S.OFFLINE, _S.AVAILABLE, _S.PAUSED) for phone in _PHONE},
    (_S.AVAILABLE, _I.OFFER): (_S.OFFERED, Effect.NONE),
    **{(state, _I.RESERVE): (_S.RESERVED, Effect.NONE) for state in (_S.OFFLINE, _S.AVAILABLE, _S.PAUSED, _S.WRAP_UP)},
    # An agent who asks for a pause or leaves while his phone rings has refused the offer.
    (_S.OFFERED, _I.PAUSE): (None, Effect.DROP_OFFER),
    (_S.OFFERED, _I.SIGN_OUT): (None, Effect.DROP_OFFER),
    (_S.OFFERED, _I.PHONE_LOST): (None, Effect.DROP_OFFER),
    (_S.OFFERED, _I.OFFER_ENDED): (None, Effect.NONE),
    (_S.OFFERED, _I.ANSWER): (_S.TALKING, Effect.NONE),
    (_S.TALKING, _I.TALK_OVER): (_S.WRAP_UP, Effect.BEGIN_WRAP_UP),
    (_S.WRAP_UP, _I.WRAP_UP_OVER): (None, Effect.END_WRAP_UP),
    # What the agent asks for in wrap-up ends it; a phone that goes away does not.
    **{(_S.WRAP_UP, duty): (None, Effect.END_WRAP_UP) for duty in _DUTIES},
    (_S.RESERVED, _I.ENGAGE): (_S.DIRECT, Effect.NONE),
    (_S.RESERVED, _I.RELEASE): (None, Effect.NONE),
    (_S.DIRECT, _I.RELEASE): (None, Effect.NONE),
}

IGNORED: Final[frozenset[tuple[AgentState, AgentInput]]] = frozenset(
    # Taken note of (duty, phone) and acted on when the work in hand is over.
    {(state, item) for state in _BUSY for item in (*_DUTIES, *_PHONE)}
    | {(_S.OFFERED, _I.READY), (_S.OFFERED, _I.PHONE_UP), (_S.WRAP_UP, _I.PHONE_UP), (_S.WRAP_UP, _I.PHONE_LOST)}
    # Said twice: by the journey and by the end of the agent's leg.
    | {(state, _I.TALK_OVER) for state in _S if state is not _S.TALKING}
    | {(state, _I.RELEASE) for state in _S if state not in (_S.RESERVED, _S.DIRECT)}
    | {(state, _I.ENGAGE) for state in _S if state is not _S.RESERVED}
)

SHOWN: Final = {
    _S.OFFLINE: AgentStatus.OFFLINE,
    _S.AVAILABLE: AgentStatus.AVAILABLE,
    _S.OFFERED: AgentStatus.RINGING,
    _S.TALKING: AgentStatus.TALKING,
    _S.WRAP_UP: AgentStatus.WRAP_UP,
    _S.PAUSED: AgentStatus.PAUSED,
    _S.RESERVED: AgentStatus.RINGING,
    _S.DIRECT: AgentStatus.TALKING,
}
_SHOWN_PLAINLY: Final = {state: (status, "", 0.0) for state, status in SHOWN.items()}


@dataclass(frozen=True, slots=True)
class Profile:
    """What an agent can (levels by skill), his ``weight`` where lots are drawn, his own length of wrap-up (s; None:
    the queue's), and the ``channels`` on which calls come to him.
    """

    skills: Mapping[str, int] = field(default_factory=dict)
    weight: int = 1
    wrap_up_s: float | None = None
    channels: frozenset[Channel] = ALL


@dataclass(slots=True)
class WrapUp:
    """A wrap-up under way, after the talk in ``call_id`` out of ``queue``: it may be extended by ``extend_s`` so many
    times more, and ends at ``latest`` whatever happens. Epoch seconds.

    While the call's disposition is ``owed`` it does not end before: an agent who is ``leaving`` has asked for another
    state meanwhile, ``overtime`` is what he has beyond his time only because he owes it.
    """

    call_id: str
    entry: str
    queue: str
    began_at: float
    latest: float
    extend_s: float
    extends_left: int
    owed: bool = False
    leaving: bool = False
    overtime: bool = False


@dataclass(slots=True)
class Agent:
    """One agent. ``order`` is the place in the roster and breaks ties; times are epoch seconds.

    ``calls`` and ``talk_s`` are his share of the queues' work since he signed in. He begins with the least share of the
    colleagues who are there, so that who comes at noon is not rung for everything until he has caught up. ``disposed``
    is the last call to which he has given a disposition. A pause is planned to last until ``pause_until`` (0: nothing
    is planned), which is ``planned_s`` after it begins.
    """

    name: str
    order: int
    skills: Mapping[str, int] = field(default_factory=dict)
    weight: int = 1
    channels: frozenset[Channel] = ALL
    calls: int = 0
    talk_s: float = 0.0
    state: AgentState = AgentState.OFFLINE
    duty: Duty = Duty.OUT
    reason: str = ""
    planned_s: float | None = None
    pause_until: float = 0.0
    phone: bool = False
    since: float = 0.0
    misses: int = 0
    offer: str = ""
    entry: str = ""
    queue: str = ""
    call_id: str = ""
    offered_at: float = 0.0
    wrap_up_s: float | None = None
    wrap_up: WrapUp | None = None
    disposed: str = ""
    wrap_up_until: float | None = None
    idle_since: float | None = None
    _idle_kept_s: float = 0.0

    @property
    def status(self) -> AgentStatus:
        """The state as shown and logged."""
        return SHOWN[self.state]

    @property
    def shown_reason(self) -> str:
        """Why he is paused, or offline against his will."""
        if self.state is _PAUSED:
            return self.reason
        if self.state is _OFFLINE and self.duty is not _OUT:
            return "no_phone"
        return ""

    @property
    def planned_until(self) -> float:
        """When his pause is planned to end (epoch seconds); 0 where nothing is planned."""
        return self.pause_until if self.state is _PAUSED else 0.0

    @property
    def shown(self) -> tuple[AgentStatus, str, float]:
        """His status, why, and until when that is planned, in one go: it is asked for at every step."""
        state = self.state
        if state is _PAUSED or state is _OFFLINE:
            return SHOWN[state], self.shown_reason, self.planned_until
        return _SHOWN_PLAINLY[state]

    @property
    def state_until(self) -> float:
        """When the state shown ends by itself, or is planned to (epoch seconds); 0 where neither is known."""
        state = self.state
        if state is _WRAP_UP:
            return self.wrap_up_until or 0.0
        return self.pause_until if state is _PAUSED else 0.0

    def wrap_up_length_s(self, queues_s: float) -> float:
        """How long his wrap-up is after a call out of a queue where it is ``queues_s``."""
        return queues_s if self.wrap_up_s is None else self.wrap_up_s

    @property
    def signed_in(self) -> bool:
        """On duty or in a pause, with a phone."""
        return self.duty is not _OUT and self.phone

    @property
    def on_duty(self) -> bool:
        """Takes queue calls now or after the work in hand."""
        return self.duty is _ON and self.phone

    def rest_state(self) -> AgentState:
        """What he is with no work in hand."""
        if self.duty is _OUT or not self.phone:
            return _OFFLINE
        return _AVAILABLE if self.duty is _ON else _PAUSED

    def step(self, item: AgentInput, now: float) -> Effect:
        """Feed one input; raises ``LocalProtocolError`` for a pair that is neither in the table nor ignored."""
        standing = item in STANDING
        if standing:
            self._note(item)
        pair = (self.state, item)
        step = TABLE.get(pair)
        if step is None:
            if pair in IGNORED:
                return _NONE
            raise LocalProtocolError(f"agent {self.name}: {item} in state {self.state}")
        following, effect = step
        if effect is _END_WRAP_UP:
            if standing and self.wrap_up is not None and self.wrap_up.owed:
                self.wrap_up.leaving = True
                return _NONE
            self.wrap_up = self.wrap_up_until = None
        self._move(following, now)
        return effect

    def _note(self, item: AgentInput) -> None:
        match item:
            case AgentInput.READY:
                self.duty, self.reason, self.misses = Duty.ON, "", 0
            case AgentInput.PAUSE:
                self.duty = Duty.PAUSED
            case AgentInput.SIGN_OUT:
                self.duty, self.reason = Duty.OUT, ""
            case AgentInput.PHONE_UP:
                self.phone = True
            case AgentInput.PHONE_LOST:
                self.phone = False
            case _:
                pass

    def _move(self, following: AgentState | None, now: float) -> None:
        if following is None:
            # A direct call taken in wrap-up gives the rest of the wrap-up back, or what was owed in it.
            until, wrap_up = self.wrap_up_until, self.wrap_up
            unfinished = until is not None and (until > now or (wrap_up is not None and wrap_up.owed))
            following = _WRAP_UP if unfinished else self.rest_state()
        if following is not self.state:
            self.state = following
            self.since = now
        if following is _PAUSED and self.planned_s is not None:
            self.pause_until = now + self.planned_s if self.planned_s > 0 else 0.0
            self.planned_s = None
        if self.wrap_up_until is not None and following is not _WRAP_UP and following not in _BUSY:
            self.wrap_up = self.wrap_up_until = None
        # The idle clock: see above.
        if following is _AVAILABLE:
            if self.idle_since is None:
                self.idle_since = now - self._idle_kept_s
                self._idle_kept_s = 0.0
        elif following is _TALKING:
            self.idle_since, self._idle_kept_s = None, 0.0
        elif following is _PAUSED or following is _OFFLINE:
            if self.idle_since is not None:
                self._idle_kept_s = now - self.idle_since
                self.idle_since = None
            if self.duty is _OUT:
                self._idle_kept_s = 0.0
