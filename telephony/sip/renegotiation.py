"""Changes of a session: re-INVITE and UPDATE, ours and the peer's, and their glare (RFC 3261 §14, RFC 3311); the peer's
by PRACK too (RFC 3262 §5). The machine of ``offer_table``; ``our_offer`` and ``their_offer`` know the messages.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from core.errors import Unavailable
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

    def answer(self, sdp: bytes, now: float) -> None:
        """Reply to the peer's offer."""
        self._step(On.ANSWER_INVITE if self._theirs.came_by("INVITE") else On.ANSWER_UPDATE, now, sdp=sdp)

    def reject(self, status: int, now: float, headers: Sequence[tuple[str, str]] = ()) -> None:
        """Refuse the peer's offer."""
        self._step(On.REJECT, now, status=status, headers=headers)

    # From the peer

    def on_offer(self, transaction: ServerTransaction, now: float) -> None:
        """Serve a re-INVITE, or an UPDATE or PRACK with SDP."""
        self._step(On.THEIR_OFFER, now, transaction=transaction)

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

    # From our own exchange

    def on_answer(self, exchange: Exchange, response: Response, now: float) -> None:
        """See ``ExchangeUser``."""
        method = exchange.request.method
        if response.status < 200:
            return
        if response.status < 300:
            self._succeeded(exchange, response, now)
        elif response.status == 422 and self._timer.raised(response):
            self._send(method, now)  # RFC 4028 §7.3: the same offer with a longer interval
        elif self._ours.crossed(response):
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

    def _too_long(self, now: float) -> None:
        if self._state is State.THEIRS:
            self._step(On.TOO_LONG, now)

    def _without_update(self, now: float) -> None:
        self._ours.without_update()
        self._step(On.NO_UPDATE, now)

    def _succeeded(self, exchange: Exchange, response: Response, now: float) -> None:
        if exchange.request.method == "UPDATE":
            self._updated(response, now)
            return
        if not self._ours.acknowledge(exchange, response):
            return
        self._timer.agreed(response, now)
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

    # The machine

    def _step(
        self,
        happening: On,
        now: float,
        *,
        sdp: bytes = b"",
        status: int = 0,
        transaction: ServerTransaction | None = None,
        headers: Sequence[tuple[str, str]] = (),
    ) -> None:
        self._state, actions = OFFERS[self._state, happening]
        given = _Given(now, sdp, status, transaction, headers)
        for action in actions:
            _ACTIONS[action](self, given)

    def _send_invite(self, given: "_Given") -> None:
        self._send("INVITE", given.now)

    def _send_update(self, given: "_Given") -> None:
        self._send("UPDATE", given.now)

    def _keep(self, given: "_Given") -> None:
        self._ours.keep()

    def _wait(self, given: "_Given") -> None:
        self._ours.wait(given.now)

    def _pump(self, given: "_Given") -> None:
        self.pump(given.now)

    def _tell_answer(self, given: "_Given") -> None:
        self.changed = True
        self._owner.tell(OfferAnswered(self._owner.id, given.sdp))

    def _tell_refusal(self, given: "_Given") -> None:
        self._owner.tell(OfferRefused(self._owner.id, given.status))

    def _tell_withdrawn(self, given: "_Given") -> None:
        self._owner.tell(OfferWithdrawn(self._owner.id))

    def _stop_repeats(self, given: "_Given") -> None:
        self._accepted.stop()

    def _lose(self, given: "_Given") -> None:
        self._owner.on_no_ack(given.now)

    def _tell_offer(self, given: "_Given") -> None:
        if given.transaction is not None:
            self._theirs.take(given.transaction, given.now)

    def _reply_ok(self, given: "_Given") -> None:
        self.changed = self.changed or self._theirs.waits  # before a 200 to the call may follow, which looks at it
        accepted = self._theirs.accept(given.sdp, given.now)
        if accepted is not None and accepted.request.method == "INVITE":
            self._accepted.start(accepted, given.now)

    def _reply_refusal(self, given: "_Given") -> None:
        self._theirs.refuse(given.status, given.now, given.headers)

    def _reply_terminated(self, given: "_Given") -> None:
        self._theirs.refuse(487, given.now)

    def _reply_timeout(self, given: "_Given") -> None:
        self._theirs.refuse(504, given.now)

    def _reply_pending(self, given: "_Given") -> None:
        self._turn_down(given, 491)

    def _reply_later(self, given: "_Given") -> None:
        self._turn_down(given, 500)

    def _turn_down(self, given: "_Given", status: int) -> None:
        if given.transaction is not None:
            self._theirs.turn_down(given.transaction, status, given.now)

    def _send(self, method: str, now: float) -> None:
        # the timer (RFC 4028) runs with the call, so not where UPDATE comes before the answer
        timed = self._timer.ask(refreshing=True) if self._owner.may_offer else []
        try:
            self._ours.send(method, self, timed, now)
        except Unavailable:
            self._step(On.REFUSED, now, status=503)


@dataclass(frozen=True, slots=True)
class _Given:
    """What a step has to work with: of what happened, whichever of these belong to it."""

    now: float
    sdp: bytes
    status: int
    transaction: ServerTransaction | None
    headers: Sequence[tuple[str, str]]


_ACTIONS: Final[Mapping[Do, Callable[[Renegotiation, _Given], None]]] = {
    Do.KEEP: Renegotiation._keep,
    Do.SEND_INVITE: Renegotiation._send_invite,
    Do.SEND_UPDATE: Renegotiation._send_update,
    Do.WAIT: Renegotiation._wait,
    Do.TELL_OFFER: Renegotiation._tell_offer,
    Do.TELL_ANSWER: Renegotiation._tell_answer,
    Do.TELL_REFUSAL: Renegotiation._tell_refusal,
    Do.TELL_WITHDRAWN: Renegotiation._tell_withdrawn,
    Do.REPLY_OK: Renegotiation._reply_ok,
    Do.REPLY_REFUSAL: Renegotiation._reply_refusal,
    Do.REPLY_PENDING: Renegotiation._reply_pending,
    Do.REPLY_LATER: Renegotiation._reply_later,
    Do.REPLY_TERMINATED: Renegotiation._reply_terminated,
    Do.REPLY_TIMEOUT: Renegotiation._reply_timeout,
    Do.STOP_REPEATS: Renegotiation._stop_repeats,
    Do.LOSE: Renegotiation._lose,
    Do.PUMP: Renegotiation._pump,
}
