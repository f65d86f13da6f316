"""What the API tells of running the house: reloads of the configuration, SIP messages counted, lock-outs."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReloadView:
    """What came of reading the configuration again: keys that hold now, keys that wait for the next start, and what a
    person should look at although it works.
    """

    changed: list[str]
    waiting: list[str]
    warnings: list[str]


@dataclass(frozen=True, slots=True)
class MessageCount:
    """SIP messages of one kind since the start: requests of ``method`` where ``status`` is None, else answers with that
    status to such requests; ``direction`` is received or sent.
    """

    direction: str
    method: str
    status: int | None
    count: int


@dataclass(frozen=True, slots=True)
class SipCounts:
    """All SIP messages since ``since`` (epoch seconds, the start), repeats included. ``repeated`` times we sent
    something again, ``timed_out`` requests of ours were never answered; of what came ``malformed`` could not be read,
    ``unwanted`` came from strangers who asked too much.
    """

    since: float
    messages: list[MessageCount]
    repeated: int
    timed_out: int
    malformed: int
    unwanted: int


@dataclass(frozen=True, slots=True)
class LockoutView:
    """A source whose proofs are not looked at up to ``until``, those of ``user`` ("": of anybody), for ``wrong`` ones
    ``since`` the first of them; epoch seconds.
    """

    source: str
    user: str
    wrong: int
    since: float
    until: float
