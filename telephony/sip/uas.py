"""A session that a peer began: provisional answers, 200 until ACK, refusal, CANCEL (RFC 3261 §13.3, §9.2)."""

from collections.abc import Callable, Mapping
from typing import Final

from core.errors import LocalProtocolError
from telephony.sip.accepted import Accepted
from telephony.sip.agent import UserAgent
from telephony.sip.dialog import Dialog, Milestone
from telephony.sip.events import Cancelled, Confirmed, LateAnswer, TimedOut
from telephony.sip.exchange import Keyring
from telephony.sip.first_offer import FirstOffer
from telephony.sip.message import Message, Request, Response
from telephony.sip.reliable import ReliableAnswers, Wish, wish_of
from telephony.sip.renegotiation import Renegotiation
from telephony.sip.screen import sdp_of
from telephony.sip.session import SHARED_ACTS, Keeper, Session
from telephony.sip.session_table import INCOMING, Do, On, State
from telephony.sip.transactions import ServerTransaction

REMINDER_S: Final = 60.0
"""§13.3.1.1: a provisional answer is repeated every minute, lest proxies give up."""

Fields = tuple[tuple[str, str], ...]


class IncomingSession(Session):
    """A peer called."""

    table = INCOMING

    def __init__(
        self, agent: UserAgent, keeper: Keeper, name: str, transaction: ServerTransaction, dialog: Dialog, user: str
    ) -> None:
        keyring = Keyring(None, agent.token)
        super().__init__(agent, keeper, name, keyring, user, transaction.source.host)
        self.state = State.INVITED
        self.dialog = dialog
        self.transaction = transaction
        self.offers = Renegotiation(agent, self, dialog, keyring, self.timer, began_call=False, user=user)
        self._accepted = Accepted(agent, self._no_ack)
        self._first = FirstOffer(is_ours=sdp_of(transaction.request) is None)
        self._sdp: bytes | None = None
        """What the 200 says, once the rooms above have answered; it may have to wait for a PRACK."""
        self._refusal: tuple[int, str, Fields] = (480, "", ())
        self._provisional: Response | None = None
        self._wish = wish_of(transaction.request)
        self._reliable = ReliableAnswers(agent, transaction, self._all_arrived, self._unheard)

    @property
    def settled_early(self) -> bool:
        """See ``Session``."""
        return self.state is State.INVITED and self._first.settled

    def begin(self, now: float) -> None:
        """Take the call: 100 goes out at once, so that the peer stops repeating."""
        self.agent.reply(self.transaction, now, 100)
        if self.dialog is not None:
            self.agent.enter(self.dialog, self)
        self.agent.timers.set((self, "guard"), now + self.agent.settings.max_ringing_s)
        self.agent.timers.set((self, "reminder"), now + REMINDER_S)

    # Commands

    def progress(self, status: int, sdp: bytes | None, now: float) -> None:
        """See ``Endpoint.progress``."""
        self.check_alive()
        if self.state is not State.INVITED or not 100 < status < 200:
            raise LocalProtocolError("a provisional answer stands between INVITE and the final answer")
        if self._wish is Wish.REQUIRED and self._first.is_ours and not sdp and not self._reliable.begun:
            return  # RFC 3262 §5: the first reliable answer would have to hold our offer. The peer has had 100.
        if self._wish is Wish.REQUIRED or (self._wish is Wish.POSSIBLE and sdp):
            self._reliable.send(status, self._dialog_headers(), sdp or b"", now)
            return
        self._provisional = self.agent.reply(self.transaction, now, status, self._dialog_headers(), sdp or b"")
        self.agent.timers.set((self, "reminder"), now + REMINDER_S)

    def accept(self, sdp: bytes, now: float) -> None:
        """See ``Endpoint.accept``."""
        self.check_alive()
        if self.state is not State.INVITED:
            raise LocalProtocolError("the call has been answered already")
        self._sdp = sdp
        if self._reliable.holds_sdp or (self.offers is not None and self.offers.owes_prack):
            return  # RFC 3262 §3: after the PRACK, and what it offers has its answer
        self.step(On.DO_ACCEPT, now)

    def reject(self, status: int, reason: str, headers: Fields, now: float) -> None:
        """See ``Endpoint.reject``."""
        self.check_alive()
        if self.state is not State.INVITED or not 300 <= status <= 699:
            raise LocalProtocolError("only an unanswered call can be refused, with a status of 300 to 699")
        self._refusal = (status, reason, headers)
        self.step(On.DO_REJECT, now)

    # From the peer

    def on_cancel(self, now: float) -> None:
        """Serve the CANCEL of the INVITE."""
        if (self.state, On.CANCEL) in self.table:
            self.step(On.CANCEL, now)

    def on_prack(self, transaction: ServerTransaction, now: float) -> None:
        """See ``Session``. Its SDP is the answer to our offer, or a new offer once the first has its answer (§5)."""
        acknowledges_sdp = self._reliable.waits_with_sdp
        if not self._reliable.takes(transaction.request, now):
            self.agent.reply(transaction, now, 481)
            return
        sdp = sdp_of(transaction.request)
        if acknowledges_sdp:
            answer, sdp = self._first.acknowledged(sdp)
            if answer is not None:
                self.tell(LateAnswer(self.id, answer))
        if sdp is not None and self.settled_early and self.offers is not None:
            self.offers.on_offer(transaction, now)  # ``on_settled`` follows
            return
        # who offers before the first offer has its answer is refused, and his PRACK counts
        self.agent.reply(transaction, now, 200 if sdp is None else 488)
        self._reliable.go_on(now)
        if self.settled_early and self.offers is not None:
            self.offers.pump(now)

    def on_settled(self, now: float) -> None:
        """See ``Owner``."""
        self._reliable.go_on(now)

    def _all_arrived(self, now: float) -> None:
        if self._sdp is not None and self.state is State.INVITED:
            self.step(On.DO_ACCEPT, now)

    def _unheard(self, now: float) -> None:
        """§3: no PRACK came."""
        if self.state is State.INVITED:
            self.tell(TimedOut(self.id))
            self._refusal = (504, "", ())
            self.step(On.DO_REJECT, now)

    def on_ack(self, ack: Request, dialog: Dialog, now: float) -> None:
        """See ``DialogUser``."""
        if not self._accepted.takes(ack.cseq.number):
            super().on_ack(ack, dialog, now)
            return
        answer = sdp_of(ack)
        if answer is not None and self._first.awaits_answer:
            self.tell(LateAnswer(self.id, answer))
        self.step(On.ACK, now)

    def on_request(self, transaction: ServerTransaction, dialog: Dialog, now: float) -> None:
        """See ``Session``. A re-INVITE proves that our 200 arrived: who has hung up need not wait for its ACK."""
        if self.state is State.LEAVING and transaction.request.method == "INVITE":
            self.step(On.ACK, now)
        super().on_request(transaction, dialog, now)

    def ready_for_offer(self, now: float) -> bool:
        """See ``Session``: a new request proves that our 200 arrived, so only its ACK was lost."""
        if self.state is State.ACCEPTED and not self._first.awaits_answer:
            self._accepted.stop()
            self.step(On.ACK, now)
        return super().ready_for_offer(now)

    # The machine

    def act(self, action: Do, now: float, message: Message | None) -> None:
        """See ``Session``."""
        ACTS[action](self, now, message)

    def _send_ok(self, now: float, message: Message | None) -> None:
        for name in ("guard", "reminder"):
            self.agent.timers.cancel((self, name))
        self._reliable.stop()
        if self.dialog is not None:
            self.dialog.reach(Milestone.ANSWERED)
        headers = [*self._dialog_headers(), *self.timer.accept(self.transaction.request, now)]
        # RFC 3261 §13.2.1: after an early offer and answer the 200 offers nothing, and once UPDATE or PRACK has changed
        # them it may not repeat them either
        changed = self.offers is not None and self.offers.changed
        overtaken = self._first.settled and (self._first.is_ours or changed)
        self.agent.reply(self.transaction, now, 200, headers, b"" if overtaken else self._sdp or b"")
        self._accepted.start(self.transaction, now)

    def _send_refusal(self, now: float, message: Message | None) -> None:
        status, reason, headers = self._refusal
        self.agent.reply(self.transaction, now, status, headers, reason=reason)

    def _send_terminated(self, now: float, message: Message | None) -> None:
        self.agent.reply(self.transaction, now, 487)

    def _send_unavailable(self, now: float, message: Message | None) -> None:
        told = [("Reason", f"Q.850;cause={self._cause}")] if self._cause else []
        self.agent.reply(self.transaction, now, 480, told)

    def _stop_repeats(self, now: float, message: Message | None) -> None:
        self._accepted.stop()

    def _tell_confirmed(self, now: float, message: Message | None) -> None:
        self.tell(Confirmed(self.id))

    def _tell_cancelled(self, now: float, message: Message | None) -> None:
        self.tell(Cancelled(self.id))

    def on_timer(self, name: str, now: float) -> None:
        """See ``TimerUser``."""
        if name == "reminder":
            self._remind(now)
            return
        super().on_timer(name, now)

    def _remind(self, now: float) -> None:
        """Say it again; where nothing but 100 was said, which proxies do not heed, that the call goes on (183)."""
        if self.state is not State.INVITED or not self.live:
            return
        if self._provisional is not None:
            self.agent.layer.respond(self.transaction, self._provisional, now)
            self.agent.timers.set((self, "reminder"), now + REMINDER_S)
        elif not self._reliable.begun:
            self.progress(183, None, now)

    def close(self) -> None:
        """See ``Session``."""
        self.agent.timers.cancel((self, "reminder"))
        self._reliable.stop()
        self._accepted.stop()
        super().close()
        self._reliable.release()
        self._accepted.release()

    def _no_ack(self, now: float) -> None:
        self.on_no_ack(now)

    def _dialog_headers(self) -> list[tuple[str, str]]:
        """§12.1.1: Contact, and Record-Route as it came."""
        request = self.transaction.request
        routes = [("Record-Route", value) for value in request.headers.get_all("Record-Route")]
        sips = self.dialog is not None and self.dialog.sips
        contact = str(self.agent.contact(self.user, self.transaction.source.transport, sips=sips))
        return [*routes, ("Contact", contact)]


ACTS: Final[Mapping[Do, Callable[[IncomingSession, float, Message | None], None]]] = {
    **SHARED_ACTS,
    Do.SEND_OK: IncomingSession._send_ok,
    Do.SEND_REFUSAL: IncomingSession._send_refusal,
    Do.SEND_TERMINATED: IncomingSession._send_terminated,
    Do.SEND_UNAVAILABLE: IncomingSession._send_unavailable,
    Do.STOP_REPEATS: IncomingSession._stop_repeats,
    Do.TELL_CONFIRMED: IncomingSession._tell_confirmed,
    Do.TELL_CANCELLED: IncomingSession._tell_cancelled,
}
"""All that ``INCOMING`` asks for."""
