"""Our registration with a carrier, as a machine without I/O (RFC 3261 §10.2): register, refresh, back off, take leave.

The driver sends what ``next_send`` asks for (``Endpoint.request`` with ``call_id`` and ``cseq``), hands the answer to
``on_answer``, and calls ``on_deadline`` when ``next_deadline`` has come.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from core.errors import ParseError
from telephony.sip.message import Response

MIN_REFRESH_S: Final = 5.0
FLOW_LOST_S: Final = 1.0
"""So long after the connection was lost we register anew, or up to five times as long by chance."""
FIRST_RETRY_S: Final = 5.0
LAST_RETRY_S: Final = 300.0
_HOPELESS: Final = frozenset({401, 403, 404, 407, 423})
"""Asking again soon would not help, and a carrier may lock us out: wait the longest time."""


class State(Enum):
    """Where the registration is."""

    IDLE = auto()
    ASKING = auto()
    REGISTERED = auto()
    REFRESHING = auto()
    WAITING = auto()
    LEAVING = auto()
    GONE = auto()


class On(Enum):
    """What happens."""

    START = auto()
    GRANTED = auto()
    TOO_BRIEF = auto()
    ELSEWHERE = auto()
    """The server could not be reached, and another one is to be asked at once (RFC 3263 §4.3)."""
    REFUSED = auto()
    DUE = auto()
    LAPSED = auto()
    STOP = auto()


class Do(Enum):
    """What a step does."""

    SEND = auto()
    SEND_LEAVE = auto()
    NOTE = auto()
    """Keep the time granted, and plan the refresh."""
    RETRY_LATER = auto()
    FORGET = auto()


TABLE: Final = {
    (State.IDLE, On.START): (State.ASKING, (Do.SEND,)),
    (State.ASKING, On.GRANTED): (State.REGISTERED, (Do.NOTE,)),
    (State.ASKING, On.TOO_BRIEF): (State.ASKING, (Do.SEND,)),
    (State.ASKING, On.ELSEWHERE): (State.ASKING, (Do.SEND,)),
    (State.REFRESHING, On.ELSEWHERE): (State.REFRESHING, (Do.SEND,)),
    (State.ASKING, On.REFUSED): (State.WAITING, (Do.FORGET, Do.RETRY_LATER)),
    (State.REGISTERED, On.DUE): (State.REFRESHING, (Do.SEND,)),
    (State.REFRESHING, On.GRANTED): (State.REGISTERED, (Do.NOTE,)),
    (State.REFRESHING, On.TOO_BRIEF): (State.REFRESHING, (Do.SEND,)),
    # The old grant holds until it lapses: keep trying within it.
    (State.REFRESHING, On.REFUSED): (State.WAITING, (Do.RETRY_LATER,)),
    (State.WAITING, On.DUE): (State.ASKING, (Do.SEND,)),
    (State.WAITING, On.LAPSED): (State.WAITING, (Do.FORGET,)),
    (State.ASKING, On.LAPSED): (State.ASKING, (Do.FORGET,)),
    (State.REFRESHING, On.LAPSED): (State.ASKING, (Do.FORGET,)),
    (State.REGISTERED, On.LAPSED): (State.REFRESHING, (Do.FORGET, Do.SEND)),
    (State.IDLE, On.STOP): (State.GONE, ()),
    (State.ASKING, On.STOP): (State.LEAVING, (Do.FORGET, Do.SEND_LEAVE)),
    (State.REFRESHING, On.STOP): (State.LEAVING, (Do.FORGET, Do.SEND_LEAVE)),
    (State.REGISTERED, On.STOP): (State.LEAVING, (Do.FORGET, Do.SEND_LEAVE)),
    (State.WAITING, On.STOP): (State.GONE, (Do.FORGET,)),
    (State.LEAVING, On.GRANTED): (State.GONE, ()),
    (State.LEAVING, On.REFUSED): (State.GONE, ()),
    (State.LEAVING, On.TOO_BRIEF): (State.GONE, ()),
    (State.LEAVING, On.STOP): (State.LEAVING, ()),
    (State.GONE, On.STOP): (State.GONE, ()),
}


@dataclass(frozen=True, slots=True)
class Send:
    """Send a REGISTER now: ``expires_s`` 0 takes leave."""

    expires_s: int
    call_id: str
    cseq: int


class Registration:
    """One registration. ``chance()`` gives numbers from 0 up to 1 (so that many sites do not all come at once)."""

    def __init__(self, *, call_id: str, expires_s: int, chance: Callable[[], float]) -> None:
        self.state = State.IDLE
        self.last_status = 0
        self._call_id = call_id
        self._wanted_s = expires_s
        self._chance = chance
        self._cseq = 0
        self._failures = 0
        self._granted_s = 0
        self._retry_after_s = 0.0
        self._due: float | None = None
        self._lapses: float | None = None
        self._send: Send | None = None

    @property
    def registered(self) -> bool:
        """Whether the carrier knows where to find us (a refresh may be under way)."""
        return self._lapses is not None

    @property
    def lapses_at(self) -> float | None:
        """When what the carrier granted ends unless it is refreshed; None where nothing is granted."""
        return self._lapses

    def start(self, now: float) -> None:
        """Begin."""
        self._step(On.START, now)

    def stop(self, now: float) -> None:
        """Take leave of the carrier."""
        self._step(On.STOP, now)

    def next_send(self) -> Send | None:
        """Take what is to be sent, None if nothing is."""
        taken, self._send = self._send, None
        return taken

    def next_deadline(self) -> float | None:
        """When ``on_deadline`` wants to be called."""
        return min((at for at in (self._due, self._lapses) if at is not None), default=None)

    def on_deadline(self, now: float) -> None:
        """Do what is due at ``now``."""
        if self._lapses is not None and self._lapses <= now and (self.state, On.LAPSED) in TABLE:
            self._step(On.LAPSED, now)
        if self._due is not None and self._due <= now:
            self._due = None
            if (self.state, On.DUE) in TABLE:
                self._step(On.DUE, now)

    def on_answer(self, status: int, response: Response | None, contact: str, now: float) -> None:
        """Take the final answer to the request sent last (408 or 503 with no response where there was none).

        ``contact`` is our Contact URI as it was sent, to find the time granted for it.
        """
        self.last_status = status
        if response is not None:
            self._cseq = max(self._cseq, response.cseq.number)  # a challenge took a number of its own
        if (self.state, On.GRANTED) not in TABLE:
            return  # a late answer to what has been given up
        if 200 <= status < 300 and response is not None:
            self._granted_s = granted_s(response, contact, self._wanted_s)
            # A grant that is over at once is none; asking again and again would load the carrier.
            worthless = self._granted_s < MIN_REFRESH_S and self.state is not State.LEAVING
            self._step(On.REFUSED if worthless else On.GRANTED, now)
        elif status == 423 and response is not None and self._lengthened(response):
            self._step(On.TOO_BRIEF, now)
        else:
            self._retry_after_s = retry_after_s(response) if response is not None else 0.0
            self._step(On.REFUSED, now)

    def flow_lost(self, now: float) -> None:
        """The connection on which we registered is gone, and calls with it: register on a new one soon (RFC 5626 §4.5),
        not at the next refresh.
        """
        if self.state is State.REGISTERED:
            again = now + FLOW_LOST_S * (1.0 + 4.0 * self._chance())
            self._due = again if self._due is None else min(self._due, again)

    def elsewhere(self, now: float) -> bool:
        """In place of ``on_answer`` where a server did not answer: ask again at once, another one. False where nothing
        is being asked (we are taking leave).
        """
        if (self.state, On.ELSEWHERE) not in TABLE:
            return False
        self._step(On.ELSEWHERE, now)
        return True

    def _lengthened(self, response: Response) -> bool:
        """§10.2.8: take the registrar's shortest time, unless we have already."""
        text = (response.headers.get("Min-Expires") or "").strip()
        if not text.isascii() or not text.isdigit() or len(text) > 9 or int(text) <= self._wanted_s:
            return False
        self._wanted_s = int(text)
        return True

    def _step(self, happening: On, now: float) -> None:
        self.state, actions = TABLE[self.state, happening]
        for action in actions:
            self._do(action, now)

    def _do(self, action: Do, now: float) -> None:
        if action in (Do.SEND, Do.SEND_LEAVE):
            self._cseq += 1
            self._due = None
            self._send = Send(self._wanted_s if action is Do.SEND else 0, self._call_id, self._cseq)
        elif action is Do.NOTE:
            self._failures = 0
            self._lapses = now + self._granted_s
            # Early enough for a few tries before the grant lapses; a little by chance.
            share = 0.75 + 0.1 * self._chance()
            self._due = now + max(MIN_REFRESH_S, self._granted_s * share)
        elif action is Do.RETRY_LATER:
            self._due = now + self._retry_s()
        else:
            self._lapses = None
            if self.state in (State.LEAVING, State.GONE):
                self._due = None

    def _retry_s(self) -> float:
        """Exponential, from half to whole by chance (as RFC 5626 §4.5); as long as the carrier asks at least."""
        self._failures += 1
        plain = min(LAST_RETRY_S, FIRST_RETRY_S * 2.0 ** min(self._failures - 1, 10))
        if self.last_status in _HOPELESS:
            plain = LAST_RETRY_S
        return max(self._retry_after_s, plain * (0.5 + 0.5 * self._chance()))


def granted_s(response: Response, contact: str, wanted_s: int) -> int:
    """For how long the 200 binds ``contact`` (§10.2.4): its own parameter, else Expires, else what we wanted."""
    try:
        for address in response.contacts:
            text = address.params.get("expires") or ""
            if str(address.uri) == contact and text.isascii() and text.isdigit() and len(text) < 10:
                return int(text)
    except ParseError:
        pass  # a registrar that lists contacts which nobody can read has still said 200
    return wanted_s if response.expires is None else response.expires


def retry_after_s(response: Response) -> float:
    """What Retry-After asks for, in seconds, at most an hour."""
    text = (response.headers.get("Retry-After") or "").partition(";")[0].partition("(")[0].strip()
    return min(3600.0, float(text)) if text.isascii() and text.isdigit() and len(text) < 10 else 0.0
