"""Provisional answers that are known to have arrived: 100rel and PRACK, RFC 3262.

As the called side we repeat such an answer until its PRACK comes, one at a time; as the caller we acknowledge those of
the far end, in their order.
"""

import re
from collections import deque
from collections.abc import Callable
from enum import Enum, auto
from typing import Final

from core.errors import ParseError, Unavailable
from telephony.sip.agent import UserAgent
from telephony.sip.capabilities import ALLOW
from telephony.sip.dialog import Dialog
from telephony.sip.exchange import UNHEEDED, Keyring, ask_within
from telephony.sip.gone import nothing
from telephony.sip.message import Request, Response
from telephony.sip.transactions import ServerTransaction

OPTION: Final = "100rel"
_RACK: Final = re.compile(r"(\d{1,10})\s+(\d{1,10})\s+([A-Za-z]+)")
_MOST_WAITING: Final = 8


class Wish(Enum):
    """What a caller says of reliable provisional answers."""

    NONE = auto()
    POSSIBLE = auto()
    REQUIRED = auto()


def wish_of(request: Request) -> Wish:
    """What the INVITE ``request`` says (§3)."""
    try:
        if OPTION in request.options("Require"):
            return Wish.REQUIRED
        return Wish.POSSIBLE if OPTION in request.options("Supported") else Wish.NONE
    except ParseError:
        return Wish.NONE


class ReliableAnswers:
    """Those that we give to one INVITE. ``on_clear`` is called when none waits for PRACK any more, ``on_lost`` when one
    had none for 64·T1.
    """

    def __init__(
        self,
        agent: UserAgent,
        transaction: ServerTransaction,
        on_clear: Callable[[float], None],
        on_lost: Callable[[float], None],
    ) -> None:
        self._agent = agent
        self._transaction = transaction
        self._on_clear = on_clear
        self._on_lost = on_lost
        self._number = 0
        self._interval = 0.0
        self._sent: Response | None = None
        self._next: deque[tuple[int, list[tuple[str, str]], bytes]] = deque()

    @property
    def begun(self) -> bool:
        """Whether one has been given."""
        return self._number > 0

    @property
    def holds_sdp(self) -> bool:
        """Whether an answer with SDP still waits for its PRACK: no 2xx may go out before (§3)."""
        return self._sent is not None and bool(self._sent.body or any(body for _, _, body in self._next))

    def send(self, status: int, headers: list[tuple[str, str]], sdp: bytes, now: float) -> None:
        """Give one, after those before it."""
        if self._sent is not None:
            if len(self._next) < _MOST_WAITING:
                self._next.append((status, headers, sdp))
            return
        # §3: the first number is by chance, between 1 and 2^31 - 1
        self._number = self._number + 1 if self._number else 1 + int(self._agent.chance() * (2**31 - 2**10))
        # RFC 3311 §4: whoever may send UPDATE before the call is answered must know that we take it
        fields = [*headers, ALLOW, ("Require", OPTION), ("RSeq", str(self._number))]
        self._sent = self._agent.reply(self._transaction, now, status, fields, sdp)
        timers = self._agent.settings.timers
        self._interval = timers.t1
        self._agent.timers.set((self, "repeat"), now + self._interval)
        self._agent.timers.set((self, "end"), now + timers.life)

    @property
    def waits_with_sdp(self) -> bool:
        """Whether the answer that is out and waits for its PRACK holds SDP."""
        return self._sent is not None and bool(self._sent.body)

    def takes(self, prack: Request, now: float) -> bool:
        """Whether ``prack`` acknowledges the answer that waits (RAck, §7.2)."""
        match = _RACK.fullmatch((prack.headers.get("RAck") or "").strip())
        wanted = (self._number, self._transaction.request.cseq.number, "INVITE")
        if self._sent is None or match is None or (int(match[1]), int(match[2]), match[3]) != wanted:
            return False
        self._sent = None
        self._hush()
        return True

    def go_on(self, now: float) -> None:
        """After the PRACK was answered: the next one, or the word that all have arrived."""
        if self._next:
            self.send(*self._next.popleft(), now)
        else:
            self._on_clear(now)

    def stop(self) -> None:
        """A final answer is given. The PRACK of an answer without SDP may cross it, and is taken all the same."""
        self._next.clear()
        self._hush()

    def release(self) -> None:
        """The session has ended; after ``stop``."""
        self._sent = None
        self._on_clear = self._on_lost = nothing

    def on_timer(self, name: str, now: float) -> None:
        """See ``TimerUser``."""
        if self._sent is None:
            return
        if name == "end":
            self.stop()
            self._on_lost(now)
            return
        self._agent.layer.respond(self._transaction, self._sent, now)
        self._interval *= 2
        self._agent.timers.set((self, "repeat"), now + self._interval)

    def _hush(self) -> None:
        """Repeat no more."""
        self._agent.timers.cancel((self, "repeat"))
        self._agent.timers.cancel((self, "end"))


class ReliableHearing:
    """Those that the far ends (forks) of one INVITE give us."""

    def __init__(self, agent: UserAgent, keyring: Keyring) -> None:
        self._agent = agent
        self._keyring = keyring
        self._heard: dict[str, int] = {}

    def takes(self, response: Response, dialog: Dialog | None, now: float) -> bool:
        """Whether a provisional ``response`` is to be heeded; a reliable one is acknowledged (§4)."""
        number = _number_of(response)
        if number is None or dialog is None:
            return True
        tag = response.to.tag or ""
        last = self._heard.get(tag)
        if last is not None and number != last + 1:
            return False  # a repeat, or one before which another was lost and will be repeated
        self._heard[tag] = number
        rack = ("RAck", f"{number} {response.cseq.number} INVITE")
        request = self._agent.in_dialog(dialog, "PRACK", dialog.next_cseq(), [rack])
        try:
            ask_within(dialog, self._agent, request, UNHEEDED, self._keyring, now)
        except Unavailable:
            del self._heard[tag]  # its repeat will be acknowledged
        return True


def is_reliable(response: Response) -> bool:
    """Whether a provisional answer is one that its sender knows to have arrived (§4)."""
    return _number_of(response) is not None


def _number_of(response: Response) -> int | None:
    """RSeq of a reliable provisional answer."""
    try:
        required = OPTION in response.options("Require")
    except ParseError:
        return None
    value = (response.headers.get("RSeq") or "").strip()
    return int(value) if required and value.isdecimal() and len(value) <= 10 else None
