"""A session that we began: INVITE, its answers, CANCEL, forks (RFC 3261 §13.2, §9.1)."""

from collections.abc import Callable, Mapping
from typing import Final

from core.errors import LocalProtocolError, ParseError, Unavailable
from telephony.sip.agent import UserAgent
from telephony.sip.capabilities import less
from telephony.sip.dialog import Dialog, Milestone, dialog_of_response
from telephony.sip.events import Answered, Progressed, Refused
from telephony.sip.exchange import UNHEEDED, Exchange, Keyring
from telephony.sip.hop import Hop, Packet
from telephony.sip.message import Message, Request, Response
from telephony.sip.reliable import ReliableHearing, is_reliable
from telephony.sip.renegotiation import Renegotiation
from telephony.sip.replies import cause_of
from telephony.sip.screen import sdp_of
from telephony.sip.session import SHARED_ACTS, Keeper, Session, send_bye
from telephony.sip.session_table import OUTGOING, Do, On, State
from telephony.sip.session_timer import OPTION
from telephony.sip.transactions import Failure

MAX_FORKS: Final = 16
NON_SELECTED: Final = 26
"""Q.850 "non-selected user clearing": another phone, or another fork, was answered."""
_ANSWERED_ELSEWHERE: Final = (("Reason", 'SIP;cause=200;text="Call completed elsewhere"'),)
"""RFC 3326 §3.1: a phone that is told this does not show the call as missed."""


class OutgoingSession(Session):
    """We called."""

    table = OUTGOING

    def __init__(self, agent: UserAgent, keeper: Keeper, name: str, keyring: Keyring, user: str, target: Hop) -> None:
        super().__init__(agent, keeper, name, keyring, user, target.host)
        self.state = State.CALLING
        self._target = target
        self._exchange: Exchange | None = None
        self._asked: Request | None = None  # what it asked, once the session has ended
        self._cseq = 0
        self._early: dict[str, Dialog] = {}
        self._acks: dict[str, Packet | None] = {}
        self._answer: Response | None = None
        self._late_answer: bytes | None = None
        self._reliable = ReliableHearing(agent, keyring)
        self._refused: frozenset[str] = frozenset()  # extensions, by a 420

    @property
    def call_id(self) -> str:
        """See ``Session``."""
        return self._sent.call_id if self._sent is not None else ""

    @property
    def settled_early(self) -> bool:
        """See ``Session``; the fork whose reliable answer came first."""
        return self.state is State.EARLY and self.offers is not None

    @property
    def heard(self) -> bool:
        """Whether the far end has answered anything, 100 Trying included."""
        return self.state is not State.CALLING

    def begin(self, request: Request, now: float) -> None:
        """Send the INVITE."""
        self._cseq = request.cseq.number
        self._exchange = Exchange(self.agent, request, self._target, _Answers(self), self.keyring, self._next_cseq, now)
        self.agent.timers.set((self, "guard"), now + self.agent.settings.max_ringing_s)

    def accept_late(self, sdp: bytes, now: float) -> None:
        """See ``Endpoint.accept_late``."""
        self.check_alive()
        if self.state is not State.OFFERED:
            raise LocalProtocolError("the peer has made no late offer")
        self._late_answer = sdp
        self.step(On.DO_LATE_ANSWER, now)

    # The INVITE's answers

    def on_invite_answer(self, response: Response, now: float) -> None:
        """Take a response to our INVITE."""
        if response.status < 200:
            self._on_provisional(response, now)
        elif response.status < 300:
            self._on_success(response, now)
        elif self._goes_again(response, now):
            return
        elif (self.state, On.REFUSAL) in self.table:
            self.step(On.REFUSAL, now, response)

    def _goes_again(self, response: Response, now: float) -> bool:
        """Whether the refusal is one that the INVITE may survive, and it has gone out again."""
        if response.status == 422:
            return self._again_with_longer_timer(response, now)
        return response.status == 420 and self._again_with_less(response, now)

    def _again_with_longer_timer(self, response: Response, now: float) -> bool:
        """RFC 4028 §7.3: the far end wants fewer refreshes; whether the INVITE has gone out again."""
        if self.state not in (State.CALLING, State.EARLY) or not self.timer.raised(response):
            return False
        again = self._copy()
        for name, value in self.timer.ask():
            again.headers.set(name, value)
        return self._send_again(again, now)

    def _again_with_less(self, response: Response, now: float) -> bool:
        """§8.1.3.5: the far end refuses extensions that we only said we can; whether the INVITE has gone out again,
        once, without them. Nothing in the call says that we can, from then on.
        """
        if self.state not in (State.CALLING, State.EARLY) or self._refused:
            return False
        again = self._copy()
        try:
            refused = response.options("Unsupported") if "Unsupported" in response.headers else frozenset()
            offered = again.options("Supported") if "Supported" in again.headers else frozenset()
            required = again.options("Require") if "Require" in again.headers else frozenset()
        except ParseError:
            return False
        if not refused & offered or refused & required:
            return False
        self._refused = refused & offered
        again.headers.remove("Supported")
        for name, value in less(("Supported", ", ".join(sorted(offered))), self._refused):
            again.headers.add(name, value)
        if OPTION in self._refused:
            self.timer.forgo()
            for name in ("Session-Expires", "Min-SE"):
                again.headers.remove(name)
        return self._send_again(again, now)

    def _copy(self) -> Request:
        """The INVITE as it was sent last, without Via."""
        before = self._request()
        again = Request(before.method, before.uri, before.headers.copy(), before.body)
        again.headers.remove("Via")
        return again

    def _send_again(self, again: Request, now: float) -> bool:
        again.headers.set("CSeq", f"{self._next_cseq()} INVITE")
        try:
            self._exchange = Exchange(
                self.agent, again, self._target, _Answers(self), self.keyring, self._next_cseq, now
            )
        except Unavailable:
            return False
        return True

    def on_invite_silence(self, failure: Failure, now: float) -> None:
        """No final answer came."""
        if failure is Failure.UNREACHABLE:
            self.tell(Refused(self.id, 503, "Unreachable", unreachable=True))
        if (self.state, On.SILENCE) in self.table:
            self.step(On.SILENCE, now)

    def _on_provisional(self, response: Response, now: float) -> None:
        tag = response.to.tag
        waiting = self.state in (State.CALLING, State.EARLY) and response.status > 100
        if tag and waiting and tag not in self._early and len(self._early) < MAX_FORKS:
            self._early[tag] = self._dialog_of(response)
            self.agent.enter(self._early[tag], self)
        dialog = self._early.get(tag or "")
        if not self._reliable.takes(response, dialog, now):
            return
        answers = self._request().body and sdp_of(response) is not None
        if dialog is not None and self.offers is None and answers and is_reliable(response):
            self.offers = self._offers_of(dialog)
        if (self.state, On.PROVISIONAL) in self.table:
            self.step(On.PROVISIONAL, now, response)

    def _on_success(self, response: Response, now: float) -> None:
        tag = response.to.tag or ""
        if tag in self._acks:
            packet = self._acks[tag]
            if packet is not None:  # None: the late answer has not been given yet
                self.agent.layer.send(packet)
            return
        if len(self._acks) >= MAX_FORKS:
            return
        if self._answer is not None:
            self._drop_fork(tag, response, now)
            return
        self._acks[tag] = None
        self._answer = response
        dialog = self._take_dialog(tag, response)
        late = not self._request().body
        if self.offers is None or not self.offers.is_in(dialog):
            if self.offers is not None:
                self.offers.stop(now)  # those of a fork that has not answered: what it still says is nobody's
                self.offers.release()
            self.offers = self._offers_of(dialog)
        self.timer.agreed(response, now)
        self.agent.timers.cancel((self, "guard"))
        if late:
            self.agent.timers.set((self, "guard"), now + self.agent.settings.timers.life)
        self.step(On.LATE_OFFER if late else On.ANSWER, now, response)

    def _offers_of(self, dialog: Dialog) -> Renegotiation:
        return Renegotiation(self.agent, self, dialog, self.keyring, self.timer, began_call=True, user=self.user)

    def _take_dialog(self, tag: str, response: Response) -> Dialog:
        """Make the dialog of the 2xx ours, and forget the other early ones."""
        early = self._early.pop(tag, None)
        dialog = self._dialog_of(response)
        if early is not None:
            early.confirm(dialog)
            early.note_methods(response)
            dialog = early
        for other in self._early.values():
            self.agent.leave(other)
        self._early.clear()
        self.dialog = dialog
        self.agent.enter(dialog, self)
        return dialog

    def _drop_fork(self, tag: str, response: Response, now: float) -> None:
        """§13.2.2.4: another fork answered too; its call is ended at once."""
        dialog = self._dialog_of(response)
        self._acks[tag] = self.agent.send_ack(dialog, response.cseq.number, None, self._proofs())
        dialog.reach(Milestone.BYE)
        try:
            send_bye(self.agent, dialog, self.keyring, UNHEEDED, NON_SELECTED, now)
        except Unavailable:
            return  # the other side will miss our media and end it

    def _dialog_of(self, response: Response) -> Dialog:
        request = self._request()
        symmetric = self.agent.settings.behind_nat
        source = self.agent.source or self._target
        try:
            made = dialog_of_response(request, response, source, symmetric=symmetric)
        except ParseError:
            bare = Response(response.status, response.reason, response.headers.copy(), response.body)
            bare.headers.remove("Record-Route")
            made = dialog_of_response(request, bare, source, symmetric=symmetric)
        made.refused = self._refused
        return made

    @property
    def _sent(self) -> Request | None:
        return self._exchange.request if self._exchange is not None else self._asked

    def _request(self) -> Request:
        if self._sent is None:
            raise LocalProtocolError("the INVITE has not been sent")
        return self._sent

    def _proofs(self) -> list[tuple[str, str]]:
        """§13.2.2.4: the ACK repeats the INVITE's credentials."""
        return [(name, value) for name, value in self._request().headers if name.endswith("Authorization")]

    def _next_cseq(self) -> int:
        self._cseq += 1
        return self._cseq

    # The machine

    def act(self, action: Do, now: float, message: Message | None) -> None:
        """See ``Session``."""
        ACTS[action](self, now, message)

    def _send_ack(self, now: float, message: Message | None) -> None:
        if self.dialog is None or self._answer is None:
            raise LocalProtocolError("there is no answer to acknowledge")
        number = self._answer.cseq.number
        packet = self.agent.send_ack(self.dialog, number, self._late_answer, self._proofs())
        self._acks[self._answer.to.tag or ""] = packet
        self.agent.timers.cancel((self, "guard"))

    def _send_cancel(self, now: float, message: Message | None) -> None:
        exchange = self._exchange
        if exchange is None:
            raise LocalProtocolError("there is no INVITE to cancel")
        try:
            exchange.cancel(now, _ANSWERED_ELSEWHERE if self._cause == NON_SELECTED else ())
        except Unavailable:
            self.agent.layer.give_up_after_cancel(exchange.transaction, now)

    def _tell_progress(self, now: float, message: Message | None) -> None:
        response = _response(message)
        if response.status > 100:
            self.tell(Progressed(self.id, response.status, sdp_of(response)))

    def _tell_answer(self, now: float, message: Message | None) -> None:
        # §13.2.1: what comes after the answer is no answer; nor is a repeat of one that an UPDATE has overtaken.
        overtaken = self.offers is not None and self.offers.changed
        self.tell(Answered(self.id, None if overtaken else sdp_of(_response(message))))

    def _tell_refusal(self, now: float, message: Message | None) -> None:
        response = _response(message)
        contacts = tuple(response.contacts) if response.status < 400 else ()
        self.tell(Refused(self.id, response.status, response.reason, cause_of(response), contacts))

    def hang_up(self, cause: int, now: float) -> None:
        """See ``Session``; no challenge is met any more."""
        if self._exchange is not None:
            self._exchange.given_up = True
        super().hang_up(cause, now)

    def close(self) -> None:
        """See ``Session``."""
        for dialog in self._early.values():
            self.agent.leave(dialog)
        self._early.clear()
        if self._exchange is not None:  # it knows us: late answers come by it, and it is to go when they cannot
            self._asked, self._exchange = self._exchange.request, None
        super().close()


def _response(message: Message | None) -> Response:
    """The response that a step is about; ``LocalProtocolError`` where the step was taken without."""
    if not isinstance(message, Response):
        raise LocalProtocolError("this step needs the response that it is about")
    return message


ACTS: Final[Mapping[Do, Callable[[OutgoingSession, float, Message | None], None]]] = {
    **SHARED_ACTS,
    Do.SEND_ACK: OutgoingSession._send_ack,
    Do.SEND_CANCEL: OutgoingSession._send_cancel,
    Do.TELL_PROGRESS: OutgoingSession._tell_progress,
    Do.TELL_ANSWER: OutgoingSession._tell_answer,
    Do.TELL_REFUSAL: OutgoingSession._tell_refusal,
}
"""All that ``OUTGOING`` asks for."""


class _Answers:
    """Hears the INVITE's answers, while the session itself hears those to its BYE."""

    __slots__ = ("_session",)

    def __init__(self, session: OutgoingSession) -> None:
        self._session = session

    def on_answer(self, exchange: Exchange, response: Response, now: float) -> None:
        """See ``ExchangeUser``."""
        self._session.on_invite_answer(response, now)

    def on_silence(self, exchange: Exchange, failure: Failure, now: float) -> None:
        """See ``ExchangeUser``."""
        self._session.on_invite_silence(failure, now)
