"""Session timers, RFC 4028: a call whose far end died without BYE ends, and no proxy on the way cuts a long one.

Both sides agree on an interval and on who refreshes. Where the far end knows nothing of timers we refresh on our own
(§7.2, §9 allow it). A refresh is an UPDATE where the far end takes that, else a re-INVITE, whose offer is the business
of the rooms above.
"""

from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, Protocol

from core.errors import ParseError, Unavailable
from telephony.sip.agent import UserAgent
from telephony.sip.capabilities import less
from telephony.sip.dialog import Dialog
from telephony.sip.events import RefreshWanted, SipEvent
from telephony.sip.exchange import Exchange, Keyring, ask_within
from telephony.sip.message import Message, Request, Response
from telephony.sip.params import parse_params
from telephony.sip.screen import Refusal
from telephony.sip.transactions import Failure

OPTION: Final = "timer"
LEAST_S: Final = 90
"""§5: no interval is shorter."""
_LONGEST_S: Final = 86_400
_RETRY_S: Final = 5.0
"""After a refresh that failed for the moment, and as much again by chance."""

Fields = list[tuple[str, str]]


class Refresher(Enum):
    """Who keeps the session alive."""

    WE = auto()
    THEY = auto()


@dataclass(frozen=True, slots=True)
class SessionExpires:
    """The header: seconds, and ``uac``, ``uas`` or "" for who refreshes."""

    seconds: int
    refresher: str = ""


def session_expires_of(message: Message) -> SessionExpires | None:
    """The Session-Expires header (§4); None where it is missing. ``ParseError`` where it cannot be read."""
    value = message.headers.get("Session-Expires")
    if value is None:
        return None
    number, _, rest = value.partition(";")
    if not number.strip().isdecimal():
        raise ParseError("Session-Expires is no number")
    refresher = (parse_params(f";{rest}").get("refresher") or "").lower() if rest else ""
    return SessionExpires(min(int(number.strip()[:9]), _LONGEST_S), refresher if refresher in ("uac", "uas") else "")


def min_se_of(message: Message) -> int:
    """The Min-SE header (§5) in seconds; its default where it is missing or cannot be read."""
    number = (message.headers.get("Min-SE") or "").partition(";")[0].strip()
    return min(max(int(number[:9]), LEAST_S), _LONGEST_S) if number.isdecimal() else LEAST_S


def too_brief(request: Request) -> Refusal | None:
    """§8, §9: 422 to an interval under the least, of a caller who can ask again; 400 to one that is no number."""
    if request.method not in ("INVITE", "UPDATE"):
        return None
    try:
        asked = session_expires_of(request)
    except ParseError:
        return Refusal(400)
    if asked is None or asked.seconds >= LEAST_S or OPTION not in _tokens(request, "Supported"):
        return None
    return Refusal(422, (("Min-SE", str(LEAST_S)),))


class TimedSession(Protocol):
    """The session that a timer belongs to."""

    @property
    def id(self) -> str:
        """Its name in events."""
        ...

    @property
    def dialog(self) -> Dialog | None:
        """Its dialog, once there is one."""
        ...

    @property
    def may_offer(self) -> bool:
        """Whether it is up."""
        ...

    @property
    def keyring(self) -> Keyring:
        """Our credentials towards the far end."""
        ...

    @property
    def user(self) -> str:
        """Who we are in Contact."""
        ...

    def tell(self, event: SipEvent) -> None:
        """Tell the rooms above."""
        ...

    def on_lost(self, now: float) -> None:
        """The far end is gone."""
        ...


class SessionTimer:
    """The timer of one session. ``settings.session_expires_s`` 0 turns it off."""

    def __init__(self, agent: UserAgent, session: TimedSession) -> None:
        self._agent = agent
        self._session: TimedSession | None = session
        self._interval = agent.settings.session_expires_s
        self._least = LEAST_S
        self._refresher = Refresher.WE

    def ask(self, *, refreshing: bool = False) -> Fields:
        """Headers of our INVITE, re-INVITE or UPDATE (§7.1, §7.4)."""
        if not self._interval:
            return []
        role = ""
        if refreshing:
            role = ";refresher=uac" if self._refresher is Refresher.WE else ";refresher=uas"
        return [
            ("Session-Expires", f"{max(self._interval, self._least)}{role}"),
            ("Min-SE", str(self._least)),
        ]

    def raised(self, refusal: Response) -> bool:
        """Take a 422 (§7.3): whether asking again with the longer interval makes sense."""
        least = min_se_of(refusal)
        if not self._interval or least <= max(self._interval, self._least):
            return False
        self._interval = self._least = least
        return True

    def forgo(self) -> None:
        """The far end has refused to hear of timers (420): nobody refreshes, and nothing ends for want of it."""
        self._interval = 0

    def accept(self, request: Request, now: float) -> Fields:
        """We answer ``request`` with 2xx: its headers (§9); the time begins anew."""
        knows = OPTION in _tokens(request, "Supported") | _tokens(request, "Require")
        if not self._agent.settings.session_expires_s or not (self._interval or knows):
            return []
        asked = _readable(request)
        ours = self._agent.settings.session_expires_s
        least = max(min_se_of(request), LEAST_S)
        self._interval = max(min(asked.seconds, ours) if asked is not None else ours, least)
        role = asked.refresher if knows and asked is not None and asked.refresher else "uas"
        self._refresher = Refresher.WE if role == "uas" else Refresher.THEY
        self._start(now)
        fields = [("Session-Expires", f"{self._interval};refresher={role}")]
        return [*fields, ("Require", OPTION)] if role == "uac" else fields

    def agreed(self, response: Response, now: float) -> None:
        """A 2xx to our INVITE, re-INVITE or UPDATE came (§7.2); the time begins anew."""
        if not self._interval:
            return
        given = _readable(response)
        self._refresher = Refresher.WE
        if given is not None:
            self._interval = max(given.seconds, LEAST_S // 3)
            self._refresher = Refresher.THEY if given.refresher == "uas" else Refresher.WE
        self._start(now)

    def stop(self) -> None:
        """The session is over."""
        self._agent.timers.cancel((self, "refresh"))
        self._agent.timers.cancel((self, "expire"))

    def release(self) -> None:
        """The session has ended; after ``stop``. An answer that still comes changes nothing."""
        self._session = None

    def on_timer(self, name: str, now: float) -> None:
        """See ``TimerUser``."""
        if name == "expire":
            self.stop()
            self._lost(now)
        else:
            self._refresh(now)

    def _start(self, now: float) -> None:
        timers = self._agent.timers
        if self._refresher is Refresher.WE:
            timers.set((self, "refresh"), now + self._interval / 2)
            timers.set((self, "expire"), now + self._interval)
        else:  # §10: whoever waits says BYE a little before the end
            timers.cancel((self, "refresh"))
            timers.set((self, "expire"), now + self._interval - min(32.0, self._interval / 3))

    def _refresh(self, now: float) -> None:
        session = self._session
        if session is None:
            return
        dialog = session.dialog
        if dialog is None or not session.may_offer:
            self._later(now)  # its first 200 still waits for ACK
            return
        if not dialog.updates:
            self._later(now)  # until the re-INVITE's answer begins the time anew
            session.tell(RefreshWanted(session.id))
            return
        contact = str(self._agent.contact(session.user, dialog.destination().transport, sips=dialog.sips))
        able = less(self._agent.supported, dialog.refused)
        headers = [("Contact", contact), *able, *self.ask(refreshing=True)]
        request = self._agent.in_dialog(dialog, "UPDATE", dialog.next_cseq(), headers)
        try:
            ask_within(dialog, self._agent, request, _Refresh(self), session.keyring, now)
        except Unavailable:
            self._later(now)

    def on_refreshed(self, response: Response, now: float) -> None:
        """The final answer to our UPDATE."""
        session = self._session
        if session is None:
            return
        dialog = session.dialog
        if response.status < 300:
            if dialog is not None:
                dialog.refresh(response)
            self.agreed(response, now)
        elif response.status in (408, 481):
            self._lost(now)
        elif response.status == 422 and self.raised(response):
            self._refresh(now)
        else:
            if response.status in (405, 420, 501) and dialog is not None:
                dialog.updates = False
            self._later(now)

    def on_silence(self, now: float) -> None:
        """No answer came to our UPDATE (§10: as 408)."""
        self._lost(now)

    def _lost(self, now: float) -> None:
        if self._session is not None:
            self._session.on_lost(now)

    def _later(self, now: float) -> None:
        self._agent.timers.set((self, "refresh"), now + _RETRY_S * (1 + self._agent.chance()))


class _Refresh:
    """Hears the answer to one UPDATE."""

    __slots__ = ("_timer",)

    def __init__(self, timer: SessionTimer) -> None:
        self._timer = timer

    def on_answer(self, exchange: Exchange, response: Response, now: float) -> None:
        """See ``ExchangeUser``."""
        if response.status >= 200:
            self._timer.on_refreshed(response, now)

    def on_silence(self, exchange: Exchange, failure: Failure, now: float) -> None:
        """See ``ExchangeUser``."""
        self._timer.on_silence(now)


def _tokens(message: Message, name: str) -> set[str]:
    return {item.strip().lower() for value in message.headers.get_all(name) for item in value.split(",")}


def _readable(message: Message) -> SessionExpires | None:
    try:
        return session_expires_of(message)
    except ParseError:
        return None
