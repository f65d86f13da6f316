"""Changes of a session: re-INVITE and UPDATE, ours and the peer's, and their glare (RFC 3261 §14, RFC 3311); the peer's
by PRACK too (RFC 3262 §5).

``offer_table`` says what follows from what. Each kind of input has one method here, and no other knows what came with
it; ``our_offer`` and ``their_offer`` know the messages.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from core.errors import LocalProtocolError, Unavailable
from telephony.sip.accepted import Accepted
from telephony.sip.agent import UserAgent
from telephony.sip.dialog import Dialog
from telephony.sip.events import OfferAnswered, OfferRefused, OfferWithdrawn
from telephony.sip.exchange import Exchange, Keyring
from telephony.sip.gone import GONE
from telephony.sip.message import Request, Response
from telephony.sip.offer_owner import Owner
from telephony.sip.offer_table import OFFERS, Do, On, State
from telephony.sip.our_offer import OurOffer
from telephony.sip.screen import sdp_of
from telephony.sip.session_timer import SessionTimer
from telephony.sip.their_offer import TheirOffer
from telephony.sip.transactions import Failure, ServerTransaction

NOTHING: Final[Mapping[Do, Callable[[], None]]] = MappingProxyType({})


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
        self._owner: Owner = owner
        self._dialog = dialog
        self._timer = timer
        self.changed = False
        self._state = State.STABLE
        self._ours = OurOffer(agent, dialog, keyring, user, self.pump, began_call=began_call)
        self._theirs = TheirOffer(agent, owner, dialog, timer, user, self._too_long)
        self._accepted = Accepted(agent, self._no_ack)

    def is_in(self, dialog: Dialog) -> bool:
        """Whether these are the offers of ``dialog``, of the forks of one INVITE."""
        return dialog is self._dialog

    @property
    def owes_update(self) -> bool:
        """Whether an UPDATE of the peer's waits for its answer (RFC 3311 §5.2)."""
        return self._theirs.came_by("UPDATE")

    @property
    def owes_prack(self) -> bool:
        """Whether a PRACK of the peer's waits for its answer."""
        return self._theirs.came_by("PRACK")

    def stop(self, now: float) -> None:
        """The session is over: refuse what still waits (§15.1.2), repeat no more."""
        self._ours.stop()
        self._accepted.stop()
        self._theirs.stop(now)

    def release(self) -> None:
        """The session has ended; after ``stop``."""
        self._owner = GONE
        self._accepted.release()
        self._ours.release()
        self._theirs.release()

    # From the rooms above

    def reoffer(self, sdp: bytes, now: float) -> None:
        """Offer ``sdp`` as soon as the way is free; a newer offer takes the place of one that still waits."""
        self._ours.want(sdp)
        self.pump(now)

    def pump(self, now: float) -> None:
        """Send what was kept, if the way is free."""
        if not self._ours.due:
            return
        if self._owner.may_update and self._ours.by_update:
            self._step(On.REOFFER_BY_UPDATE, now)
        elif self._owner.may_offer:
            self._step(On.REOFFER, now)

    def answer(self, sdp: bytes, now: float) -> None:
        """Reply to the peer's offer."""
        on = On.ANSWER_INVITE if self._theirs.came_by("INVITE") else On.ANSWER_UPDATE
        self._step(on, now, {Do.REPLY_OK: lambda: self._reply_ok(sdp, now)})

    def reject(self, status: int, now: float, headers: Sequence[tuple[str, str]] = ()) -> None:
        """Refuse the peer's offer."""
        self._step(On.REJECT, now, {Do.REPLY_REFUSAL: lambda: self._theirs.refuse(status, now, headers)})

    # From the peer

    def on_offer(self, transaction: ServerTransaction, now: float) -> None:
        """Serve a re-INVITE, or an UPDATE or PRACK with SDP."""
        theirs = self._theirs
        self._step(
            On.THEIR_OFFER,
            now,
            {
                Do.TELL_OFFER: lambda: theirs.take(transaction, now),
                Do.REPLY_PENDING: lambda: theirs.turn_down(transaction, 491, now),
                Do.REPLY_LATER: lambda: theirs.turn_down(transaction, 500, now),
            },
        )

    def on_cancel(self, transaction: ServerTransaction, now: float) -> None:
        """Serve a CANCEL of a re-INVITE."""
        if self._theirs.came_in(transaction):
            self._step(On.WITHDRAWN, now)

    def on_ack(self, ack: Request, now: float) -> None:
        """Take the ACK to a re-INVITE's 2xx."""
        if not self._accepted.takes(ack.cseq.number):
            return
        sdp = sdp_of(ack)
        if self._theirs.late and sdp is not None:
            self._owner.tell(OfferAnswered(self._owner.id, sdp))
        self._theirs.late = False
        self._step(On.ACK, now)

    # From our own exchange

    def on_answer(self, exchange: Exchange, response: Response, now: float) -> None:
        """See ``ExchangeUser``."""
        method, status = exchange.request.method, response.status
        if status < 200:
            return
        if status < 300:
            self._succeeded(exchange, response, now)
        elif status == 422 and self._timer.raised(response):
            self._send(method, now)  # RFC 4028 §7.3: the same offer with a longer interval
        elif self._ours.crossed(response):
            self._step(On.GLARE, now)
        elif method == "UPDATE" and status in (405, 501):
            self._without_update(now)
        else:
            self._refused(status, now)
            if status in (408, 481):
                self._owner.on_lost(now)

    def on_silence(self, exchange: Exchange, failure: Failure, now: float) -> None:
        """See ``ExchangeUser``: §14.1, the session is over when nobody answers."""
        self._refused(408 if failure is Failure.TIMED_OUT else 503, now)
        self._owner.on_lost(now)

    def _succeeded(self, exchange: Exchange, response: Response, now: float) -> None:
        sdp = sdp_of(response)
        if exchange.request.method == "UPDATE":
            self._dialog.refresh(response)
            if self._owner.may_offer:
                self._timer.agreed(response, now)
            if sdp is None:  # it knows UPDATE as a refresh only
                self._without_update(now)
                return
        else:
            if not self._ours.acknowledge(exchange, response):
                return
            self._timer.agreed(response, now)
            if sdp is None:
                self._refused(488, now)
                return
        self._step(On.ACCEPTED, now, {Do.TELL_ANSWER: lambda: self._tell_answer(sdp)})

    def _without_update(self, now: float) -> None:
        self._ours.without_update()
        self._step(On.NO_UPDATE, now)

    def _refused(self, status: int, now: float) -> None:
        owner = self._owner
        self._step(On.REFUSED, now, {Do.TELL_REFUSAL: lambda: owner.tell(OfferRefused(owner.id, status))})

    # From time

    def _too_long(self, now: float) -> None:
        if self._state is State.THEIRS:
            self._step(On.TOO_LONG, now)

    def _no_ack(self, now: float) -> None:
        self._step(On.NO_ACK, now)

    # The machine

    def _step(self, on: On, now: float, own: Mapping[Do, Callable[[], None]] = NOTHING) -> None:
        """Take one step; ``own`` are the acts that need what came with the input."""
        self._state, acts = OFFERS[self._state, on]
        for act in acts:
            if act in own:
                own[act]()
            else:
                self._do(act, now)

    def _do(self, act: Do, now: float) -> None:
        """The acts that need nothing but the time."""
        match act:
            case Do.SEND_INVITE:
                self._send("INVITE", now)
            case Do.SEND_UPDATE:
                self._send("UPDATE", now)
            case Do.KEEP:
                self._ours.keep()
            case Do.WAIT:
                self._ours.wait(now)
            case Do.PUMP:
                self.pump(now)
            case Do.REPLY_TERMINATED:
                self._theirs.refuse(487, now)
            case Do.REPLY_TIMEOUT:
                self._theirs.refuse(504, now)
            case Do.TELL_WITHDRAWN:
                self._owner.tell(OfferWithdrawn(self._owner.id))
            case Do.STOP_REPEATS:
                self._accepted.stop()
            case Do.LOSE:
                self._owner.on_no_ack(now)
            case _:
                raise LocalProtocolError(f"{act.name} needs what came with the input")

    def _send(self, method: str, now: float) -> None:
        # the timer (RFC 4028) runs with the call, so not where UPDATE comes before the answer
        timed = self._timer.ask(refreshing=True) if self._owner.may_offer else []
        try:
            self._ours.send(method, self, timed, now)
        except Unavailable:
            self._refused(503, now)

    def _reply_ok(self, sdp: bytes, now: float) -> None:
        self.changed = True  # before a 200 to the call may follow, which looks at it
        accepted = self._theirs.accept(sdp, now)
        if accepted is not None and accepted.request.method == "INVITE":
            self._accepted.start(accepted, now)

    def _tell_answer(self, sdp: bytes) -> None:
        self.changed = True
        self._owner.tell(OfferAnswered(self._owner.id, sdp))
