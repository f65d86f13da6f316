"""What a peer sent, sorted: repeats to their transaction, responses, ACK, CANCEL, requests in and out of dialogs.

RFC 3261 §8.2, §9.2, §12.2.2, §17.2.3. Whatever cannot be served is refused here, with the status that says why.
"""

import logging
from collections.abc import Callable, Iterable
from hashlib import blake2b
from typing import Final, Protocol, TypeAlias

from core.errors import LocalProtocolError, ParseError
from telephony.sip.agent import DialogUser, UserAgent
from telephony.sip.capabilities import EXTENSIONS, METHODS, OF_REGISTRAR
from telephony.sip.counters import Mishap
from telephony.sip.dialog import Dialog
from telephony.sip.guard import AMPLIFICATION, Guard, OpenDoor
from telephony.sip.headers import Field, Headers
from telephony.sip.hop import ENCRYPTED, UDP, Hop, Packet
from telephony.sip.message import Message, Request, Response
from telephony.sip.outside import OutOfDialog
from telephony.sip.parser import BrokenRequest, is_keepalive, parse_message
from telephony.sip.replies import reply_to
from telephony.sip.routing import reply_hop, stamp_via
from telephony.sip.screen import Refusal, is_ours, screen
from telephony.sip.session_timer import too_brief
from telephony.sip.transaction_state import State
from telephony.sip.transactions import MergeKey, ServerKey, ServerTransaction
from telephony.sip.uri import SipUri
from telephony.sip.warning import NO_SIPS, warning

_log: Final = logging.getLogger("line400.sip")
_ANSWERABLE: Final = ("Via", "CSeq")
"""By these an answer finds its request (§17.1.3). Of From, To and Call-ID it echoes what there is (RFC 4475 §3.3.1)."""
_MAX_CSEQ: Final = 2**31

Found: TypeAlias = tuple[Dialog, DialogUser]


class Sessions(Protocol):
    """Who keeps the sessions."""

    def on_invite(self, transaction: ServerTransaction, now: float) -> None:
        """Take a call."""
        ...

    def on_cancel(self, invite: ServerTransaction, now: float) -> None:
        """The INVITE of that transaction is cancelled."""
        ...


class Intake:
    """The way in."""

    def __init__(self, agent: UserAgent, sessions: Sessions, outside: OutOfDialog) -> None:
        self._agent = agent
        self._sessions = sessions
        self._outside = outside
        self.symmetric: Callable[[str], bool] = lambda user: False
        self.guard: Guard = OpenDoor()
        self._tag_key = agent.token(16).encode()
        self._size = 0  # of the datagram that is being served
        self._methods = METHODS - {"REGISTER", "OPTIONS"} | agent.settings.handed_up

    def receive(self, data: bytes | Message, source: Hop, now: float) -> None:
        """Take one message."""
        agent = self._agent
        if not self.guard.hears(source):
            agent.tracer.counters.mishap(Mishap.UNWANTED)
            return
        agent.source = source
        self._size = len(data) if isinstance(data, bytes) and source.transport == UDP else 0
        try:
            if isinstance(data, bytes):
                agent.tracer.note(data, source, received=True)
                if is_keepalive(data):
                    return
                message = parse_message(data)
                if b"\0" in data:
                    _drop_nul(message)
            else:
                message = data
            if isinstance(message, Response):
                if is_ours(message):
                    agent.layer.receive_response(message, now)
            else:
                self._on_request(message, source, now)
        except BrokenRequest as broken:
            agent.tracer.counters.mishap(Mishap.MALFORMED)
            if self.guard.lets_in(source, now):
                self._on_broken(broken, source)
        except ParseError as error:
            agent.tracer.counters.mishap(Mishap.MALFORMED)
            _log.debug("dropped what %s sent: %s", source.host, error)

    def _on_broken(self, broken: BrokenRequest, source: Hop) -> None:
        if broken.method in ("ACK", "") or not all(name in broken.headers for name in _ANSWERABLE):
            return  # nobody could match the answer
        try:
            answer = broken.answer(self._agent.token(4))
        except LocalProtocolError:
            return  # it holds what must not be sent
        try:
            reply = reply_hop(answer.top_via, source)
        except ParseError:
            reply = Packet(b"", source, source if source.transport != UDP else None)
        self._agent.layer.send(Packet(answer.to_bytes(), reply.destination, reply.flow))

    def _on_request(self, request: Request, source: Hop, now: float) -> None:
        found = self._dialog_of(request)
        if found is None and request.method != "ACK" and not self.guard.lets_in(source, now):
            self._agent.tracer.counters.mishap(Mishap.UNWANTED)
            return
        stamp_via(request, source, symmetric=self.symmetric(request.from_.uri.user))
        key = server_key(request)
        known = self._agent.layer.find_server(key)
        if known is not None:
            if request.method == "ACK" and known.state is State.ACCEPTED:
                self._on_ack(request, found, now)  # some peers give the ACK to 2xx the INVITE's branch
            else:
                self._agent.layer.absorb(known, request, now)
        elif request.method == "ACK":
            self._on_ack(request, found, now)
        else:
            self._on_new(request, key, found, source, now)

    def _dialog_of(self, request: Request) -> Found | None:
        """The dialog of ours that it belongs to, and who serves it."""
        tag = request.to.tag
        return None if tag is None else self._agent.dialogs.get((request.call_id, tag, request.from_.tag or ""))

    def _is_orphan(self, request: Request, found: Found | None) -> bool:
        """Whether it speaks of a call or an INVITE that does not exist: nothing need be remembered of it."""
        if request.method == "CANCEL":
            return self._agent.layer.find_server(server_key(request, "INVITE")) is None
        return found is None and request.to.tag is not None

    def _on_ack(self, ack: Request, found: Found | None, now: float) -> None:
        """Hand an ACK to its dialog; an ACK is never answered."""
        if found is not None:
            dialog, user = found
            user.on_ack(ack, dialog, now)

    def _on_new(self, request: Request, key: ServerKey, found: Found | None, source: Hop, now: float) -> None:
        layer = self._agent.layer
        tag = request.to.tag
        if self._is_orphan(request, found):
            orphan = self._screen(request, source) or Refusal(481)
            self._stateless(request, key, source, orphan.status, orphan.headers, orphan.reason)
            return
        if tag is None and request.method != "CANCEL":
            answer = self.guard.gate(request, source, now)
            if answer is not None:
                no = self._screen(request, source)  # what cannot be served is told so: no password would help
                if no is not None:
                    self._stateless(request, key, source, no.status, no.headers, no.reason)
                else:
                    self._stateless(request, key, source, answer.status, answer.headers, answer.reason)
                return
        if layer.full:
            if request.method == "INVITE":
                self._stateless(request, key, source, 503)
            return
        merge_key: MergeKey | None = None
        if tag is None and request.method != "CANCEL":
            merge_key = (request.call_id, request.from_.tag or "", request.cseq.number, request.method)
        merged = merge_key is not None and layer.is_merged(merge_key)
        reply = reply_hop(request.top_via, source)
        transaction = ServerTransaction(key, request, source, reply, tag or self._agent.token())
        layer.open_server(transaction, merge_key, now)
        refusal = Refusal(482) if merged else self._screen(request, source)
        if refusal is not None:
            self._agent.reply(transaction, now, refusal.status, refusal.headers, reason=refusal.reason)
        elif request.method == "CANCEL":
            self._on_cancel(transaction, now)
        elif found is not None:
            self._in_dialog(transaction, *found, now)
        elif request.method == "INVITE":
            self._sessions.on_invite(transaction, now)
        elif request.method in self._agent.settings.handed_up:
            self._outside.take(transaction, now)
        else:  # a REFER without a call asks us to call somebody: nobody may
            self._agent.reply(transaction, now, 403 if request.method == "REFER" else 481)

    def _screen(self, request: Request, source: Hop) -> Refusal | None:
        extensions = EXTENSIONS | OF_REGISTRAR if request.method == "REGISTER" else EXTENSIONS
        refusal = screen(request, methods=self._methods, extensions=extensions)
        if refusal is not None:
            return refusal
        if request.cseq.number >= _MAX_CSEQ:
            return Refusal(400)  # §8.1.1.5
        # RFC 7332: a B2BUA makes new calls out of old ones, so it must stop loops as a proxy does. Other methods end
        # here, and an endpoint serves them whatever the count (RFC 4475 §3.1.1.13).
        opens = request.method == "INVITE" and request.to.tag is None
        if opens and request.max_forwards == 0:
            return Refusal(483)
        if opens and request.uri.scheme == "sips" and source.transport not in ENCRYPTED:
            # RFC 5630 §3.1: SIPS is TLS on every hop; the Warning tells who calls that SIP would do
            return Refusal(480, (warning(NO_SIPS, self._agent.host(source.transport), "SIPS Not Allowed"),))
        return too_brief(request)

    def _on_cancel(self, transaction: ServerTransaction, now: float) -> None:
        request = transaction.request
        invite = self._agent.layer.find_server(server_key(request, "INVITE"))
        if invite is None:  # it has just ended
            self._agent.reply(transaction, now, 481)
            return
        transaction.tag = invite.tag  # §9.2: the same tag as in the responses to the INVITE
        self._agent.reply(transaction, now, 200)
        if not invite.answered:
            self._sessions.on_cancel(invite, now)

    def _in_dialog(self, transaction: ServerTransaction, dialog: Dialog, user: DialogUser, now: float) -> None:
        if not dialog.in_order(transaction.request.cseq.number):
            self._agent.reply(transaction, now, 500)  # §12.2.2
            return
        dialog.latched = transaction.source
        user.on_request(transaction, dialog, now)

    def _stateless(
        self,
        request: Request,
        key: ServerKey,
        source: Hop,
        status: int,
        headers: Iterable[tuple[str, str]] = (),
        reason: str = "",
    ) -> None:
        """§8.2.7: answer without remembering; the ACK will find nothing and be dropped. The To tag follows from the
        request, so that repeats of it get the same.

        Anybody can write anybody's address into a datagram, so it gets one answer at most (§26.3.2.4), and none that is
        much longer than itself.
        """
        reply = reply_hop(request.top_via, source)
        tag = blake2b(repr(key).encode("utf-8", "surrogateescape"), key=self._tag_key, digest_size=8).hexdigest()
        told = [*headers, *self._agent.abilities(request, status), ("Server", self._agent.settings.user_agent)]
        data = reply_to(request, status, tag, reason, told).to_bytes()
        if self._size and len(data) > AMPLIFICATION * self._size:
            _log.debug("no answer to %s: it would be too long for so short a request", source.host)
            return
        self._agent.layer.send(Packet(data, reply.destination, reply.flow))


def _drop_nul(message: Message) -> None:
    """Take escaped NUL out of quoted text (RFC 4475 §3.1.1.2): it is legal, but nothing we write may hold one.

    Deviation: what we echo then differs in display names; tags, URIs and branches cannot hold NUL.
    """
    fields = message.headers.fields()
    message.headers = Headers.of_fields(
        [
            Field(key, name, value.replace("\\\0", ""), None if "\0" in value else line)
            for key, name, value, line in fields
        ]
    )


def server_key(request: Request, method: str = "") -> ServerKey:
    """§17.2.3: what tells server transactions apart; an ACK has the key of its INVITE. ``method`` overrides."""
    method = method or ("INVITE" if request.method == "ACK" else request.method)
    via = request.top_via
    host, port = via.sent_by
    if via.has_transaction_id:
        return via.branch, host, str(port), method
    # RFC 2543 peers: the To tag is left out, for the ACK has one where the INVITE had none.
    cseq = str(request.cseq.number)
    return str(request.uri), request.from_.tag or "", request.call_id, cseq, via.branch, host, str(port), method


def opening_dialog_is_sound(request: Request) -> bool:
    """Whether an INVITE can open a dialog: a Contact that is a SIP URI, and readable Record-Route (§12.1.1). A caller
    of RFC 2543, whose branch tells him, may have no Contact: then his From says where he is (RFC 4475 §3.4.1).
    """
    try:
        contacts = request.contacts
        _ = request.record_routes
    except ParseError:
        return False
    if not contacts and not request.top_via.has_transaction_id:
        return isinstance(request.from_.uri, SipUri)
    return len(contacts) == 1 and isinstance(contacts[0].uri, SipUri)
