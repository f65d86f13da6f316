"""Changes of a session: re-INVITE and UPDATE, ours and the peer's, and their glare (RFC 3261 §14, RFC 3311); the peer's
by PRACK too (RFC 3262 §5).

Ours go by UPDATE where the peer takes that, for none of them needs its user's word: hold, resume, another place or
codec for the audio that there is. UPDATE needs no ACK, and may go before the call is answered.
"""

from typing import Final, Protocol

from core.errors import Unavailable
from telephony.sip.accepted import Accepted
from telephony.sip.agent import UserAgent
from telephony.sip.dialog import Dialog
from telephony.sip.events import OfferAnswered, Offered, OfferRefused, OfferWithdrawn, SipEvent
from telephony.sip.exchange import Exchange, Keyring, ask_within
from telephony.sip.glare import Glare
from telephony.sip.gone import GONE
from telephony.sip.hop import Packet
from telephony.sip.message import Request, Response
from telephony.sip.offer_table import OFFERS, Do, On, State
from telephony.sip.replies import ALLOW
from telephony.sip.screen import sdp_of
from telephony.sip.session_timer import SessionTimer
from telephony.sip.transactions import Failure, ServerTransaction

APP_TIME_S: Final = 20.0
"""How long the rooms above may think about a peer's offer; a little less than the peer's timers B and F."""


class Owner(Protocol):
    """The session that this belongs to."""

    @property
    def id(self) -> str:
        """Its name in events."""
        ...

    @property
    def may_offer(self) -> bool:
        """Whether no INVITE transaction of the session's beginning is open any more (§14.1)."""
        ...

    @property
    def may_update(self) -> bool:
        """Whether the first offer has its answer, with the call answered or not (RFC 3311 §5.1)."""
        ...

    def tell(self, event: SipEvent) -> None:
        """Tell the rooms above, unless they have hung up."""
        ...

    def on_lost(self, now: float) -> None:
        """The peer does not know the dialog any more, or is silent."""
        ...

    def on_no_ack(self, now: float) -> None:
        """No ACK came to a 2xx of ours."""
        ...

    def on_settled(self, now: float) -> None:
        """The offer of a PRACK has its answer, or its refusal."""
        ...


class Renegotiation:
    """Offers after the first, one at a time. ``changed``: one has been answered, so the first answer holds no more."""

    def __init__(
        self,
        agent: UserAgent,
        owner: Owner,
        dialog: Dialog,
        keyring: Keyring,
        timer: SessionTimer,
        *,
        began_call: bool,
        user: str,
    ) -> None:
        self._agent = agent
        self._owner: Owner = owner
        self._dialog = dialog
        self._keyring = keyring
        self._timer = timer
        self._glare = Glare(agent.chance, began_call=began_call)
        self._user = user
        self.changed = False
        self._state = State.STABLE
        self._no_updates = False
        self._kept: bytes | None = None
        self._sent = b""
        self._waiting = False
        self._theirs: ServerTransaction | None = None
        self._late = False
        self._accepted = Accepted(agent, self._no_ack)
        self._acks: dict[int, Packet] = {}

    # From the rooms above

    def reoffer(self, sdp: bytes, now: float) -> None:
        """Offer ``sdp`` as soon as the way is free; a newer offer takes the place of one that still waits."""
        self._glare.forget()
        self._kept = sdp
        self.pump(now)

    def pump(self, now: float) -> None:
        """Send what was kept, if the way is free."""
        if self._kept is None or self._waiting:
            return
        if self._owner.may_update and self._dialog.updates and not self._no_updates:
            self._step(On.REOFFER_BY_UPDATE, now)
        elif self._owner.may_offer:
            self._step(On.REOFFER, now)

    def is_in(self, dialog: Dialog) -> bool:
        """Whether these are the offers of ``dialog``, of the forks of one INVITE."""
        return dialog is self._dialog

    @property
    def owes_update(self) -> bool:
        """Whether an UPDATE of the peer's waits for its answer (RFC 3311 §5.2)."""
        return self._owes("UPDATE")

    @property
    def owes_prack(self) -> bool:
        """Whether a PRACK of the peer's waits for its answer."""
        return self._owes("PRACK")

    def answer(self, sdp: bytes, now: float) -> None:
        """Reply to the peer's offer."""
        self._step(On.ANSWER_INVITE if self._owes("INVITE") else On.ANSWER_UPDATE, now, sdp=sdp)

    def reject(self, status: int, now: float) -> None:
        """Refuse the peer's offer."""
        self._step(On.REJECT, now, status=status)

    # From the peer

    def on_offer(self, transaction: ServerTransaction, now: float) -> None:
        """Serve a re-INVITE, or an UPDATE or PRACK with SDP."""
        self._step(On.THEIR_OFFER, now, transaction=transaction)

    def on_cancel(self, transaction: ServerTransaction, now: float) -> None:
        """Serve a CANCEL of a re-INVITE."""
        if transaction is self._theirs:
            self._step(On.WITHDRAWN, now)

    def on_ack(self, ack: Request, now: float) -> None:
        """Take the ACK to a re-INVITE's 2xx."""
        if not self._accepted.takes(ack.cseq.number):
            return
        sdp = sdp_of(ack)
        if self._late and sdp is not None:
            self._owner.tell(OfferAnswered(self._owner.id, sdp))
        self._late = False
        self._step(On.ACK, now)

    def stop(self, now: float) -> None:
        """The session is over: refuse what still waits (§15.1.2), repeat no more."""
        self._kept = None
        self._accepted.stop()
        for name in ("glare", "thinking"):
            self._agent.timers.cancel((self, name))
        if self._theirs is not None and not self._theirs.answered:
            self._agent.reply(self._theirs, now, 487)
        self._theirs = None

    def release(self) -> None:
        """The session has ended; after ``stop``."""
        self._owner = GONE
        self._accepted.release()

    # From our own exchange and timers

    def on_answer(self, exchange: Exchange, response: Response, now: float) -> None:
        """See ``ExchangeUser``."""
        method = exchange.request.method
        if response.status < 200:
            return
        if response.status < 300:
            self._succeeded(exchange, response, now)
        elif response.status == 422 and self._timer.raised(response):
            self._send(method, now)  # RFC 4028 §7.3: the same offer with a longer interval
        elif self._glare.is_in(response):
            self._step(On.GLARE, now)
        elif method == "UPDATE" and response.status in (405, 501):
            self._without_update(now)
        else:
            self._step(On.REFUSED, now, status=response.status)
            if response.status in (408, 481):
                self._owner.on_lost(now)

    def on_silence(self, exchange: Exchange, failure: Failure, now: float) -> None:
        """See ``ExchangeUser``: §14.1, the session is over when nobody answers."""
        self._step(On.REFUSED, now, status=408 if failure is Failure.TIMED_OUT else 503)
        self._owner.on_lost(now)

    def on_timer(self, name: str, now: float) -> None:
        """See ``TimerUser``."""
        if name == "thinking":
            if self._state is State.THEIRS:
                self._step(On.TOO_LONG, now)
            return
        self._waiting = False
        self.pump(now)

    def _without_update(self, now: float) -> None:
        self._no_updates = True
        self._step(On.NO_UPDATE, now)

    def _succeeded(self, exchange: Exchange, response: Response, now: float) -> None:
        if exchange.request.method == "UPDATE":
            self._updated(response, now)
            return
        number = response.cseq.number
        known = self._acks.get(number)
        if known is not None:
            self._agent.layer.send(known)
            return
        self._dialog.refresh(response)
        self._timer.agreed(response, now)
        proofs = [(name, value) for name, value in exchange.request.headers if name.endswith("Authorization")]
        self._acks = {number: self._agent.send_ack(self._dialog, number, None, proofs)}
        sdp = sdp_of(response)
        if sdp is None:
            self._step(On.REFUSED, now, status=488)
        else:
            self._step(On.ACCEPTED, now, sdp=sdp)

    def _updated(self, response: Response, now: float) -> None:
        self._dialog.refresh(response)
        if self._owner.may_offer:
            self._timer.agreed(response, now)
        sdp = sdp_of(response)
        if sdp is None:  # it knows UPDATE as a refresh only
            self._without_update(now)
        else:
            self._step(On.ACCEPTED, now, sdp=sdp)

    def _no_ack(self, now: float) -> None:
        self._step(On.NO_ACK, now)

    def _owes(self, method: str) -> bool:
        return self._theirs is not None and self._theirs.request.method == method

    # The machine

    def _step(
        self,
        happening: On,
        now: float,
        *,
        sdp: bytes = b"",
        status: int = 0,
        transaction: ServerTransaction | None = None,
    ) -> None:
        self._state, actions = OFFERS[self._state, happening]
        for action in actions:
            if action in _REPLIES:
                self._reply(action, transaction, sdp, status, now)
            else:
                self._do(action, transaction, sdp, status, now)

    def _do(self, action: Do, transaction: ServerTransaction | None, sdp: bytes, status: int, now: float) -> None:
        owner = self._owner
        if action is Do.SEND_INVITE:
            self._send("INVITE", now)
        elif action is Do.SEND_UPDATE:
            self._send("UPDATE", now)
        elif action is Do.KEEP:
            self._kept = self._kept or self._sent
        elif action is Do.WAIT:
            self._kept = self._kept or self._sent
            self._waiting = True
            self._agent.timers.set((self, "glare"), now + self._glare.wait_s())
        elif action is Do.TELL_OFFER and transaction is not None:
            self._take(transaction, now)
        elif action is Do.TELL_ANSWER:
            self.changed = True
            owner.tell(OfferAnswered(owner.id, sdp))
        elif action is Do.TELL_REFUSAL:
            owner.tell(OfferRefused(owner.id, status))
        elif action is Do.TELL_WITHDRAWN:
            owner.tell(OfferWithdrawn(owner.id))
        elif action is Do.STOP_REPEATS:
            self._accepted.stop()
        elif action is Do.LOSE:
            owner.on_no_ack(now)
        elif action is Do.PUMP:
            self.pump(now)

    def _reply(self, action: Do, transaction: ServerTransaction | None, sdp: bytes, status: int, now: float) -> None:
        if transaction is None:  # the reply is to the offer that waits
            transaction, self._theirs = self._theirs, None
            self._agent.timers.cancel((self, "thinking"))
        if transaction is None:
            return
        method = transaction.request.method
        if action is Do.REPLY_OK:
            self.changed = True
            headers = self._target_and_timer(transaction.request, now) if method != "PRACK" else []
            self._agent.reply(transaction, now, 200, headers, sdp)
            if method == "INVITE":
                self._accepted.start(transaction, now)
        elif action is Do.REPLY_LATER:
            self._agent.reply(transaction, now, 500, [("Retry-After", str(1 + int(9 * self._agent.chance())))])
        else:
            self._agent.reply(transaction, now, _REPLIES[action] or status)
        if method == "PRACK":
            self._owner.on_settled(now)

    def _target_and_timer(self, request: Request, now: float) -> list[tuple[str, str]]:
        """What our 2xx to a target refresh tells beside SDP."""
        contact = str(self._agent.contact(self._user, self._dialog.latched.transport))
        return [("Contact", contact), *(self._timer.accept(request, now) if self._answered else [])]

    def _take(self, transaction: ServerTransaction, now: float) -> None:
        self._theirs, request = transaction, transaction.request
        if request.method != "PRACK":  # which moves no target
            self._dialog.refresh(request)
        sdp = sdp_of(request)
        self._late = sdp is None
        if request.method == "INVITE":
            self._agent.reply(transaction, now, 100)
        self._agent.timers.set((self, "thinking"), now + APP_TIME_S)
        self._owner.tell(Offered(self._owner.id, sdp))

    @property
    def _answered(self) -> bool:
        """Whether the call is up, and its timer (RFC 4028) with it; not where UPDATE comes before the answer."""
        return self._owner.may_offer

    def _send(self, method: str, now: float) -> None:
        sdp, self._kept = self._kept or self._sent, None
        self._sent = sdp
        dialog = self._dialog
        timed = self._timer.ask(refreshing=True) if self._answered else []
        contact = str(self._agent.contact(self._user, dialog.destination().transport))
        request = self._agent.in_dialog(
            dialog,
            method,
            dialog.next_cseq(),
            [("Contact", contact), ALLOW, self._agent.supported, *timed],
            sdp,
            "application/sdp",
        )
        try:
            ask_within(dialog, self._agent, request, self, self._keyring, now)
        except Unavailable:
            self._step(On.REFUSED, now, status=503)


_REPLIES: Final = {
    Do.REPLY_OK: 200,
    Do.REPLY_REFUSAL: 0,
    Do.REPLY_PENDING: 491,
    Do.REPLY_LATER: 500,
    Do.REPLY_TERMINATED: 487,
    Do.REPLY_TIMEOUT: 504,
}
