"""What both kinds of session share: the machine, BYE both ways, requests within a dialog (RFC 3261 §12.2, §15)."""

from collections.abc import Callable, Mapping
from typing import Final, Protocol

from core.errors import LegEnded, LocalProtocolError, Unavailable
from telephony.sip.agent import UserAgent
from telephony.sip.capabilities import ACCEPT_INFO, ALLOW, INFO_TYPES, RECV_INFO
from telephony.sip.dialog import Dialog, Milestone
from telephony.sip.events import Cancelled, DigitInfo, HungUp, Refused, SipEvent, TimedOut
from telephony.sip.exchange import Exchange, Keyring, ask_within
from telephony.sip.message import Message, Request, Response
from telephony.sip.referrals import Referrals
from telephony.sip.renegotiation import Renegotiation
from telephony.sip.replies import cause_of, digit_of, is_flash
from telephony.sip.screen import sdp_of
from telephony.sip.session_table import Do, On, State, Table
from telephony.sip.session_timer import SessionTimer
from telephony.sip.transactions import Failure, ServerTransaction

_LAST_WORDS: Final = (Cancelled, HungUp, Refused, TimedOut)


class Keeper(Protocol):
    """Who keeps the list of sessions."""

    def forget(self, session: "Session") -> None:
        """The session has ended."""
        ...


class Session:
    """One call. ``OutgoingSession`` and ``IncomingSession`` know how it begins."""

    table: Table

    def __init__(self, agent: UserAgent, keeper: Keeper, name: str, keyring: Keyring, user: str, host: str) -> None:
        self.id = name
        self.host = host
        self.state = State.ENDED
        self.dialog: Dialog | None = None
        self.offers: Renegotiation | None = None
        self.agent = agent
        self.keyring = keyring
        self.user = user
        self.timer = SessionTimer(agent, self)
        self.referrals = Referrals(agent, self, keyring)
        self._keeper = keeper
        self._quiet = False
        self._cause = 16

    @property
    def may_offer(self) -> bool:
        """See ``Owner``."""
        return self.state is State.UP

    @property
    def may_update(self) -> bool:
        """See ``Owner``."""
        return self.state is State.UP or self.settled_early

    @property
    def settled_early(self) -> bool:
        """Whether the first offer is answered before the call is, by a reliable provisional answer (RFC 3262 §5)."""
        return False

    def tell(self, event: SipEvent) -> None:
        """Tell the rooms above, unless they have hung up or had the last word already."""
        if self._quiet:
            return
        self._quiet = isinstance(event, _LAST_WORDS)
        self.agent.emit(event)

    @property
    def call_id(self) -> str:
        """Its Call-ID."""
        return self.dialog.call_id if self.dialog is not None else ""

    # Commands

    def hang_up(self, cause: int, now: float) -> None:
        """See ``Endpoint.hang_up``."""
        self._cause = cause
        self.step(On.DO_HANG_UP, now)

    def established(self) -> Renegotiation:
        """The offers of a session whose first one has been answered; raises as ``Endpoint``'s commands do."""
        self.check_alive()
        if self.offers is None or not (self.state in (State.UP, State.ACCEPTED) or self.settled_early):
            raise LocalProtocolError("the call has not been answered yet")
        return self.offers

    @property
    def live(self) -> bool:
        """Whether the session is not over for the rooms above."""
        return not self._quiet and self.state not in (State.ENDING, State.ENDED)

    def check_alive(self) -> None:
        """``LegEnded`` where the session is over for the rooms above."""
        if not self.live:
            raise LegEnded("the call has ended")

    def info(self, content_type: str, body: bytes, now: float) -> None:
        """See ``Endpoint.info``."""
        self.check_alive()
        dialog = self.dialog
        if dialog is None:
            raise LocalProtocolError("there is no dialog yet")
        request = self.agent.in_dialog(dialog, "INFO", dialog.next_cseq(), (), body, content_type)
        ask_within(dialog, self.agent, request, _InfoUser(self), self.keyring, now)

    # Requests of the peer within the dialog

    def on_request(self, transaction: ServerTransaction, dialog: Dialog, now: float) -> None:
        """See ``DialogUser``."""
        request = transaction.request
        if request.method == "BYE":
            dialog.reach(Milestone.BYE)
            self.agent.reply(transaction, now, 200)
            self.step(On.BYE, now, request)
        elif self.state is State.ENDING:  # §15.1.1, RFC 5407 §3.2.2: whoever has said BYE has no such dialog any more
            self.agent.reply(transaction, now, 481)
        elif request.method == "INFO":
            self._on_info(transaction, now)
        elif request.method == "PRACK":
            self.on_prack(transaction, now)
        elif request.method == "REFER":
            self._on_refer(transaction, dialog, now)
        elif request.method == "OPTIONS":
            self.agent.reply(transaction, now, 200)
        elif request.method in ("INVITE", "UPDATE"):
            self._on_offer(transaction, dialog, now)
        else:
            self.agent.reply(transaction, now, 405, [ALLOW])

    def _on_refer(self, transaction: ServerTransaction, dialog: Dialog, now: float) -> None:
        if self.live and self.ready_for_offer(now):
            self.referrals.on_refer(transaction, dialog, now)
        else:  # who has not been answered, or is being hung up, has nothing to pass on
            self.agent.reply(transaction, now, 403)

    def on_ack(self, ack: Request, dialog: Dialog, now: float) -> None:
        """See ``DialogUser``."""
        if self.offers is not None:
            self.offers.on_ack(ack, now)

    def on_prack(self, transaction: ServerTransaction, now: float) -> None:
        """Serve a PRACK; who has given no reliable answer knows none (RFC 3262 §3)."""
        self.agent.reply(transaction, now, 481)

    def on_lost(self, now: float) -> None:
        """See ``Owner``."""
        if (self.state, On.LOST) in self.table:
            self.step(On.LOST, now)

    def on_no_ack(self, now: float) -> None:
        """See ``Owner``."""
        if (self.state, On.NO_ACK) in self.table:
            self.step(On.NO_ACK, now)

    def on_settled(self, now: float) -> None:
        """See ``Owner``; only whoever gave reliable answers gets PRACKs."""

    def _on_info(self, transaction: ServerTransaction, now: float) -> None:
        request = transaction.request
        if request.headers.get("Info-Package"):
            self.agent.reply(transaction, now, 469, [RECV_INFO])  # RFC 6086 §4.2.2: keys come without a package
            return
        digit = digit_of(request)
        if digit is None and request.body and request.content_type not in INFO_TYPES:
            self.agent.reply(transaction, now, 415, [ACCEPT_INFO])
            return
        if digit is None and request.body and not is_flash(request):
            self.agent.reply(transaction, now, 400, reason="No Such Key")
            return
        self.agent.reply(transaction, now, 200)
        if digit is not None:
            self.tell(DigitInfo(self.id, digit))

    def _on_offer(self, transaction: ServerTransaction, dialog: Dialog, now: float) -> None:
        request, offers = transaction.request, self.offers
        update = request.method == "UPDATE"
        if update and sdp_of(request) is None and not (offers is not None and offers.owes_update):
            # RFC 4028 refreshes sessions so.
            refreshed = self.timer.accept(request, now) if self.state in (State.UP, State.ACCEPTED) else []
            dialog.refresh(request)
            contact = str(self.agent.contact(self.user, transaction.source.transport, sips=dialog.sips))
            self.agent.reply(transaction, now, 200, [("Contact", contact), *refreshed])
        elif offers is None or not (
            (update and self.settled_early and offers.is_in(dialog)) or self.ready_for_offer(now)
        ):
            # The first offer has no answer yet (RFC 3311 §5.2, RFC 3261 §14.2).
            self.agent.reply(transaction, now, 500, [("Retry-After", str(1 + int(9 * self.agent.chance())))])
        else:
            offers.on_offer(transaction, now)

    def ready_for_offer(self, now: float) -> bool:
        """Whether the first offer and answer are done."""
        return self.state is State.UP

    # BYE of ours

    def on_answer(self, exchange: Exchange, response: Response, now: float) -> None:
        """See ``ExchangeUser``: the answer to our BYE, whatever it is, ends the session (§15.1.1)."""
        if response.status >= 200:
            self.step(On.BYE_OVER, now)

    def on_silence(self, exchange: Exchange, failure: Failure, now: float) -> None:
        """See ``ExchangeUser``."""
        self.step(On.BYE_OVER, now)

    def _send_bye(self, now: float, message: Message | None) -> None:
        dialog = self.dialog
        if dialog is None:
            self.step(On.BYE_OVER, now)
            return
        dialog.reach(Milestone.BYE)
        try:
            send_bye(self.agent, dialog, self.keyring, self, self._cause, now)
        except Unavailable:
            self.step(On.BYE_OVER, now)

    # The machine

    def step(self, happening: On, now: float, message: Message | None = None) -> None:
        """Take one step; the table knows every pair that can come."""
        self.state, actions = self.table[self.state, happening]
        if self.state in (State.ENDING, State.ENDED):
            self.timer.stop()
            self.referrals.stop(now)
            if self.offers is not None:
                self.offers.stop(now)
        for action in actions:
            self.act(action, now, message)
        if self.state is State.UP and self.offers is not None:
            self.offers.pump(now)
        if self.state is State.ENDED:
            self.close()

    def act(self, action: Do, now: float, message: Message | None) -> None:
        """Do what the table says; each kind of session has its own list of how."""
        raise NotImplementedError

    def _be_quiet(self, now: float, message: Message | None) -> None:
        self._quiet = True

    def _tell_timeout(self, now: float, message: Message | None) -> None:
        self.tell(TimedOut(self.id))

    def _tell_hung_up(self, now: float, message: Message | None) -> None:
        self.tell(HungUp(self.id, cause_of(message) if message is not None else None))

    def close(self) -> None:
        """Forget everything."""
        self.agent.timers.cancel((self, "guard"))
        if self.dialog is not None:
            self.agent.leave(self.dialog)
        self._keeper.forget(self)
        self.timer.release()
        self.referrals.release()
        if self.offers is not None:
            self.offers.release()

    def on_timer(self, name: str, now: float) -> None:
        """See ``TimerUser``."""
        if name == "guard" and (self.state, On.TOO_LONG) in self.table:
            self.step(On.TOO_LONG, now)


SHARED_ACTS: Final[Mapping[Do, Callable[[Session, float, Message | None], None]]] = {
    Do.BE_QUIET: Session._be_quiet,
    Do.SEND_BYE: Session._send_bye,
    Do.TELL_TIMEOUT: Session._tell_timeout,
    Do.TELL_HUNG_UP: Session._tell_hung_up,
}
"""What both kinds of session do."""


class _InfoUser:
    """The answer to INFO matters only where the peer does not know the call any more."""

    __slots__ = ("_session",)

    def __init__(self, session: Session) -> None:
        self._session = session

    def on_answer(self, exchange: Exchange, response: Response, now: float) -> None:
        """See ``ExchangeUser``."""
        if response.status == 481:
            self._session.on_lost(now)

    def on_silence(self, exchange: Exchange, failure: Failure, now: float) -> None:
        """See ``ExchangeUser``."""


class ByeUser(Protocol):
    """Who says goodbye."""

    def on_answer(self, exchange: Exchange, response: Response, now: float) -> None:
        """See ``ExchangeUser``."""
        ...

    def on_silence(self, exchange: Exchange, failure: Failure, now: float) -> None:
        """See ``ExchangeUser``."""
        ...


def send_bye(agent: UserAgent, dialog: Dialog, keyring: Keyring, user: ByeUser, cause: int, now: float) -> None:
    """Send BYE with a Reason (RFC 3326), without one for ``cause`` 0."""
    reason = [("Reason", f"Q.850;cause={cause}")] if cause else []
    request = agent.in_dialog(dialog, "BYE", dialog.next_cseq(), reason)
    ask_within(dialog, agent, request, user, keyring, now)
