"""Offer and answer within an established session as a table (RFC 3264, RFC 3261 §14, RFC 3311)."""

from enum import auto
from typing import Final

from core.symbols import Symbol


class State(Symbol):
    """Whose offer is open."""

    STABLE = auto()
    OURS = auto()
    """Our re-INVITE waits for its final answer."""
    UPDATING = auto()
    """Our UPDATE waits for its final answer."""
    THEIRS = auto()
    """The peer's offer waits for the rooms above."""
    UNACKED = auto()
    """Our 200 to the peer's re-INVITE waits for its ACK."""


class On(Symbol):
    """What happens."""

    REOFFER = auto()
    """The rooms above offer, or what was kept can go; by re-INVITE."""
    REOFFER_BY_UPDATE = auto()
    """The same to a peer that takes UPDATE."""
    ACCEPTED = auto()
    REFUSED = auto()
    GLARE = auto()
    """491, or 500 with Retry-After: an offer of the peer's is open."""
    NO_UPDATE = auto()
    """The peer takes no offers by UPDATE after all."""
    THEIR_OFFER = auto()
    ANSWER_INVITE = auto()
    ANSWER_UPDATE = auto()
    """Also to an offer that came by PRACK (RFC 3262 §5): no ACK follows."""
    REJECT = auto()
    WITHDRAWN = auto()
    TOO_LONG = auto()
    ACK = auto()
    NO_ACK = auto()


class Do(Symbol):
    """What a step does."""

    KEEP = auto()
    """Keep our offer for when the way is free."""
    SEND_INVITE = auto()
    SEND_UPDATE = auto()
    WAIT = auto()
    """§14.1: try again after a time by chance."""
    TELL_OFFER = auto()
    TELL_ANSWER = auto()
    TELL_REFUSAL = auto()
    TELL_WITHDRAWN = auto()
    REPLY_OK = auto()
    REPLY_REFUSAL = auto()
    REPLY_PENDING = auto()
    """491."""
    REPLY_LATER = auto()
    """500 with Retry-After (§14.2)."""
    REPLY_TERMINATED = auto()
    """487."""
    REPLY_TIMEOUT = auto()
    STOP_REPEATS = auto()
    LOSE = auto()
    """The peer is gone."""
    PUMP = auto()
    """Send what was kept."""


OFFERS: Final = {
    (State.STABLE, On.REOFFER): (State.OURS, (Do.SEND_INVITE,)),
    (State.STABLE, On.REOFFER_BY_UPDATE): (State.UPDATING, (Do.SEND_UPDATE,)),
    (State.STABLE, On.THEIR_OFFER): (State.THEIRS, (Do.TELL_OFFER,)),
    (State.OURS, On.REOFFER): (State.OURS, (Do.KEEP,)),
    (State.OURS, On.REOFFER_BY_UPDATE): (State.OURS, (Do.KEEP,)),
    (State.OURS, On.ACCEPTED): (State.STABLE, (Do.TELL_ANSWER, Do.PUMP)),
    (State.OURS, On.REFUSED): (State.STABLE, (Do.TELL_REFUSAL, Do.PUMP)),
    (State.OURS, On.GLARE): (State.STABLE, (Do.WAIT,)),
    (State.OURS, On.THEIR_OFFER): (State.OURS, (Do.REPLY_PENDING,)),
    (State.UPDATING, On.REOFFER): (State.UPDATING, (Do.KEEP,)),
    (State.UPDATING, On.REOFFER_BY_UPDATE): (State.UPDATING, (Do.KEEP,)),
    (State.UPDATING, On.ACCEPTED): (State.STABLE, (Do.TELL_ANSWER, Do.PUMP)),
    (State.UPDATING, On.REFUSED): (State.STABLE, (Do.TELL_REFUSAL, Do.PUMP)),
    (State.UPDATING, On.GLARE): (State.STABLE, (Do.WAIT,)),
    (State.UPDATING, On.NO_UPDATE): (State.STABLE, (Do.KEEP, Do.PUMP)),
    (State.UPDATING, On.THEIR_OFFER): (State.UPDATING, (Do.REPLY_PENDING,)),
    (State.THEIRS, On.REOFFER): (State.THEIRS, (Do.KEEP,)),
    (State.THEIRS, On.REOFFER_BY_UPDATE): (State.THEIRS, (Do.KEEP,)),
    (State.THEIRS, On.THEIR_OFFER): (State.THEIRS, (Do.REPLY_LATER,)),
    (State.THEIRS, On.ANSWER_INVITE): (State.UNACKED, (Do.REPLY_OK,)),
    (State.THEIRS, On.ANSWER_UPDATE): (State.STABLE, (Do.REPLY_OK, Do.PUMP)),
    (State.THEIRS, On.REJECT): (State.STABLE, (Do.REPLY_REFUSAL, Do.PUMP)),
    (State.THEIRS, On.WITHDRAWN): (State.STABLE, (Do.REPLY_TERMINATED, Do.TELL_WITHDRAWN, Do.PUMP)),
    (State.THEIRS, On.TOO_LONG): (State.STABLE, (Do.REPLY_TIMEOUT, Do.TELL_WITHDRAWN, Do.PUMP)),
    (State.UNACKED, On.REOFFER): (State.UNACKED, (Do.KEEP,)),
    (State.UNACKED, On.REOFFER_BY_UPDATE): (State.UNACKED, (Do.KEEP,)),
    # A new request proves that the 200 arrived: only its ACK was lost.
    (State.UNACKED, On.THEIR_OFFER): (State.THEIRS, (Do.STOP_REPEATS, Do.TELL_OFFER)),
    (State.UNACKED, On.ACK): (State.STABLE, (Do.STOP_REPEATS, Do.PUMP)),
    (State.UNACKED, On.NO_ACK): (State.STABLE, (Do.LOSE,)),
    # Replies of the rooms above that come too late; timers that were overtaken.
    (State.STABLE, On.ANSWER_INVITE): (State.STABLE, ()),
    (State.STABLE, On.ANSWER_UPDATE): (State.STABLE, ()),
    (State.STABLE, On.REJECT): (State.STABLE, ()),
    (State.STABLE, On.WITHDRAWN): (State.STABLE, ()),
    (State.OURS, On.ANSWER_INVITE): (State.OURS, ()),
    (State.OURS, On.ANSWER_UPDATE): (State.OURS, ()),
    (State.OURS, On.REJECT): (State.OURS, ()),
    (State.OURS, On.WITHDRAWN): (State.OURS, ()),
    (State.UPDATING, On.ANSWER_INVITE): (State.UPDATING, ()),
    (State.UPDATING, On.ANSWER_UPDATE): (State.UPDATING, ()),
    (State.UPDATING, On.REJECT): (State.UPDATING, ()),
    (State.UPDATING, On.WITHDRAWN): (State.UPDATING, ()),
    (State.UNACKED, On.ANSWER_INVITE): (State.UNACKED, ()),
    (State.UNACKED, On.ANSWER_UPDATE): (State.UNACKED, ()),
    (State.UNACKED, On.REJECT): (State.UNACKED, ()),
    (State.UNACKED, On.WITHDRAWN): (State.UNACKED, ()),
}
