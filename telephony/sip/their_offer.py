"""The peer's offer while the rooms above think about it, and the replies to it and to those that cross it.

It comes by re-INVITE (RFC 3261 §14.2), UPDATE (RFC 3311 §5.2) or PRACK (RFC 3262 §5).
"""

from collections.abc import Callable, Sequence
from typing import Final

from telephony.sip.agent import UserAgent
from telephony.sip.dialog import Dialog
from telephony.sip.events import Offered
from telephony.sip.gone import GONE, nothing
from telephony.sip.offer_owner import Owner
from telephony.sip.screen import sdp_of
from telephony.sip.session_timer import SessionTimer
from telephony.sip.transactions import ServerTransaction

APP_TIME_S: Final = 20.0
"""How long the rooms above may think about a peer's offer; a little less than the peer's timers B and F."""


class TheirOffer:
    """At most one. ``on_too_long`` is called when the rooms above have thought for ``APP_TIME_S``; ``late`` says that
    the peer wanted ours instead, so that its answer comes in the ACK.
    """

    def __init__(
        self,
        agent: UserAgent,
        owner: Owner,
        dialog: Dialog,
        timer: SessionTimer,
        user: str,
        on_too_long: Callable[[float], None],
    ) -> None:
        self._agent = agent
        self._owner: Owner = owner
        self._dialog = dialog
        self._timer = timer
        self._user = user
        self._on_too_long = on_too_long
        self._waiting: ServerTransaction | None = None
        self.late = False

    @property
    def waits(self) -> bool:
        """Whether there is one."""
        return self._waiting is not None

    def came_by(self, method: str) -> bool:
        """Whether one waits that came by ``method``."""
        return self._waiting is not None and self._waiting.request.method == method

    def came_in(self, transaction: ServerTransaction) -> bool:
        """Whether it is that one which waits."""
        return transaction is self._waiting

    def take(self, transaction: ServerTransaction, now: float) -> None:
        """Hand it up."""
        self._waiting, request = transaction, transaction.request
        if request.method != "PRACK":  # which moves no target
            self._dialog.refresh(request)
        sdp = sdp_of(request)
        self.late = sdp is None
        if request.method == "INVITE":
            self._agent.reply(transaction, now, 100)
        self._agent.timers.set((self, "thinking"), now + APP_TIME_S)
        self._owner.tell(Offered(self._owner.id, sdp))

    def accept(self, sdp: bytes, now: float) -> ServerTransaction | None:
        """200 with our answer to the one that waits, which is returned; None where there is none any more."""
        theirs = self._settled()
        if theirs is not None:
            headers = self._target_and_timer(theirs, now) if theirs.request.method != "PRACK" else []
            self._reply(theirs, 200, now, headers, sdp)
        return theirs

    def refuse(self, status: int, now: float, headers: Sequence[tuple[str, str]] = ()) -> None:
        """``status`` to the one that waits."""
        theirs = self._settled()
        if theirs is not None:
            self._reply(theirs, status, now, headers)

    def turn_down(self, crossing: ServerTransaction, status: int, now: float) -> None:
        """``status`` to one that comes while another is open; with 500 it may come again after a time by chance."""
        later = [("Retry-After", str(1 + int(9 * self._agent.chance())))] if status == 500 else []
        self._reply(crossing, status, now, later)

    def stop(self, now: float) -> None:
        """The session is over: refuse what still waits (§15.1.2)."""
        theirs = self._settled()
        if theirs is not None and not theirs.answered:
            self._agent.reply(theirs, now, 487)

    def release(self) -> None:
        """The session has ended; after ``stop``."""
        self._owner = GONE
        self._on_too_long = nothing

    def on_timer(self, name: str, now: float) -> None:
        """See ``TimerUser``."""
        self._on_too_long(now)

    def _settled(self) -> ServerTransaction | None:
        theirs, self._waiting = self._waiting, None
        self._agent.timers.cancel((self, "thinking"))
        return theirs

    def _reply(
        self,
        transaction: ServerTransaction,
        status: int,
        now: float,
        headers: Sequence[tuple[str, str]] = (),
        sdp: bytes = b"",
    ) -> None:
        self._agent.reply(transaction, now, status, headers, sdp)
        if transaction.request.method == "PRACK":
            self._owner.on_settled(now)

    def _target_and_timer(self, transaction: ServerTransaction, now: float) -> list[tuple[str, str]]:
        """What our 2xx to a target refresh tells beside SDP; of the timer (RFC 4028) not before the call is up."""
        dialog = self._dialog
        contact = str(self._agent.contact(self._user, dialog.latched.transport, sips=dialog.sips))
        refreshed = self._timer.accept(transaction.request, now) if self._owner.may_offer else []
        return [("Contact", contact), *refreshed]
