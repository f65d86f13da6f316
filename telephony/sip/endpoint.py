"""The SIP user agent, sans-I/O: bytes and time in, packets and events out (RFC 3261, 3264, 3581, 6026).

A driver calls ``receive`` for every datagram or framed TCP message, ``on_deadline`` when ``next_deadline`` has come,
and after each call takes ``outgoing`` and every ``next_event``. It holds any number of calls in both directions.

A command for a session that has ended raises ``LegEnded`` (``hang_up`` and ``reject`` do nothing); one that the
session's state forbids raises ``LocalProtocolError``. Nothing that a peer sends raises.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from core.errors import LegEnded, LocalProtocolError, Unavailable
from telephony.sip.address import NameAddress
from telephony.sip.agent import UserAgent
from telephony.sip.capabilities import ALLOW
from telephony.sip.credentials import Credentials
from telephony.sip.events import SipEvent
from telephony.sip.exchange import Keyring
from telephony.sip.guard import Guard
from telephony.sip.hop import Hop, Packet
from telephony.sip.intake import Intake
from telephony.sip.message import Message
from telephony.sip.outside import OutOfDialog
from telephony.sip.refer import Replaces
from telephony.sip.routing import request_line
from telephony.sip.session import Session
from telephony.sip.sessions import SessionList
from telephony.sip.settings import SipSettings
from telephony.sip.trace import Tracer
from telephony.sip.uac import OutgoingSession
from telephony.sip.uas import IncomingSession
from telephony.sip.uri import SipUri

HeaderFields: TypeAlias = Sequence[tuple[str, str]]


class Endpoint:
    """One user agent with its transactions, dialogs and sessions.

    ``local``: what peers see of us, one hop per transport (Via, Contact); ``entropy(n)`` gives n unpredictable bytes
    for tags, branches and Call-IDs; ``tracer`` sees every message.
    """

    def __init__(
        self,
        local: Sequence[Hop],
        *,
        entropy: Callable[[int], bytes],
        settings: SipSettings | None = None,
        tracer: Tracer | None = None,
    ) -> None:
        self._agent = UserAgent(local, entropy, settings or SipSettings(), tracer or Tracer())
        self._sessions = SessionList(self._agent)
        self._outside = OutOfDialog(self._agent)
        self._intake = Intake(self._agent, self._sessions, self._outside)

    def set_local(self, hop: Hop) -> None:
        """Say under which address and port peers reach us on ``hop.transport`` (known once the socket is bound)."""
        self._agent.set_local(hop)

    def set_guard(self, guard: Guard) -> None:
        """Ask ``guard`` about every request outside of a dialog (repeats too): what it does not let in is silently
        dropped, what it answers itself is not remembered. Without one everything is served.
        """
        self._intake.guard = guard

    def set_wide(self, allowed: Callable[[Hop], bool]) -> None:
        """Send wide requests by TCP only where ``allowed`` says that a UDP destination may listen on TCP too."""
        self._agent.wide.allowed = allowed

    def receive(self, data: bytes | Message, source: Hop, now: float) -> None:
        """Take one datagram or framed message that came from ``source``."""
        self._intake.receive(data, source, now)

    def set_symmetric(self, symmetric: Callable[[str], bool]) -> None:
        """Answer requests from users of whom ``symmetric`` is true where they came from, whether their Via asks for it
        (RFC 3581) or not. Nothing is proved of the user then: who lies gets the answer himself.
        """
        self._intake.symmetric = symmetric

    def unreachable(self, destination: Hop, now: float) -> None:
        """Take note that ``destination`` cannot be reached (ICMP, connection refused): its transactions fail now."""
        self._agent.layer.unreachable(destination, now)

    def outgoing(self) -> list[Packet]:
        """Take all packets to be sent, in order."""
        waiting = self._agent.layer.outgoing
        packets = list(waiting)
        waiting.clear()
        return packets

    def next_deadline(self) -> float | None:
        """When ``on_deadline`` wants to be called next, in epoch seconds."""
        ours, transactions = self._agent.timers.next(), self._agent.layer.next_deadline()
        if ours is None or transactions is None:
            return transactions if ours is None else ours
        return ours if ours < transactions else transactions

    def on_deadline(self, now: float) -> None:
        """Do everything that is due at ``now``."""
        self._agent.layer.on_deadline(now)
        while (due := self._agent.timers.pop_due(now)) is not None:
            user, name = due
            user.on_timer(name, now)

    @property
    def has_events(self) -> bool:
        """Whether ``next_event`` has something to give."""
        return bool(self._agent.events)

    def next_event(self) -> SipEvent | None:
        """Take the oldest event; None if there is none."""
        return self._agent.events.popleft() if self._agent.events else None

    def invite(
        self,
        now: float,
        target: Hop,
        uri: SipUri,
        from_: NameAddress,
        to: NameAddress,
        sdp: bytes | None,
        credentials: Credentials | None = None,
        headers: HeaderFields = (),
        routes: Sequence[NameAddress] = (),
    ) -> str:
        """Call ``uri`` by way of ``target``, with ``routes`` for the proxies from there on; the new session's id.
        ``Unavailable`` when too many calls are up.
        """
        if self._sessions.full:
            raise Unavailable("too many calls are up")
        agent = self._agent
        keyring = Keyring(credentials, agent.token)
        user = from_.uri.user
        line, routes = request_line(uri, routes)
        sips = "sips" in (line.scheme, *(route.uri.scheme for route in routes[:1]))  # §8.1.1.8
        contact = ("Contact", str(agent.contact(user, target.transport, sips=sips)))
        session = OutgoingSession(agent, self._sessions, agent.token(), keyring, user, target)
        request = agent.build(
            "INVITE",
            line,
            from_.with_tag(agent.token()),
            to.without_tag(),
            agent.new_call_id(),
            1,
            routes,
            [contact, ALLOW, agent.supported if sdp else agent.supported_late, *session.timer.ask(), *headers],
            sdp or b"",
            "application/sdp" if sdp else "",
        )
        session.begin(request, now)
        self._sessions.add(session)
        return session.id

    def call_id_of(self, session: str) -> str:
        """The Call-ID of a session; "" once it has ended."""
        found = self._sessions.get(session)
        return found.call_id if found is not None else ""

    def heard(self, session: str) -> bool:
        """Whether the far end of a call of ours has answered anything yet, 100 included; True for all other calls."""
        found = self._sessions.get(session)
        return not isinstance(found, OutgoingSession) or found.heard

    def progress(self, session: str, now: float, status: int = 180, sdp: bytes | None = None) -> None:
        """Answer a peer's INVITE provisionally (180 rings, 183 with SDP has early media)."""
        self._incoming(session).progress(status, sdp, now)

    def accept(self, session: str, now: float, sdp: bytes) -> None:
        """Answer a peer's INVITE with 200, repeated until its ACK comes."""
        self._incoming(session).accept(sdp, now)

    def accept_late(self, session: str, now: float, sdp: bytes) -> None:
        """Give the answer to the offer that came in ``Answered`` to our INVITE without SDP; it goes out in the ACK."""
        found = self._find(session)
        if not isinstance(found, OutgoingSession):
            raise LocalProtocolError("the peer began this call")
        found.accept_late(sdp, now)

    def reject(self, session: str, now: float, status: int, reason: str = "", headers: HeaderFields = ()) -> None:
        """Refuse a peer's INVITE with a final ``status`` of 300 to 699. No event of the session follows.

        No error where the peer has just given up.
        """
        if self._sessions.is_live(session):
            self._incoming(session).reject(status, reason, tuple(headers), now)

    def hang_up(self, session: str, now: float, cause: int = 16) -> None:
        """End the session by what fits its state: 480 to an INVITE that waits, CANCEL, or BYE with Q.850 ``cause``.

        No event of the session follows; ended twice is no error.
        """
        found = self._sessions.get(session)
        if found is not None:
            found.hang_up(cause, now)

    def reoffer(self, session: str, now: float, sdp: bytes) -> None:
        """Offer a change (hold, resume, new address) by UPDATE where the far end takes it, else by re-INVITE;
        ``OfferAnswered`` or ``OfferRefused`` follows. Before the call is answered only where its first offer is.

        Glare (491) is retried after the time of §14.1.
        """
        self._find(session).established().reoffer(sdp, now)

    def answer_offer(self, session: str, now: float, sdp: bytes) -> None:
        """Reply to ``Offered`` with our answer (or our offer, if it came without SDP). Late replies are dropped."""
        self._find(session).established().answer(sdp, now)

    def reject_offer(self, session: str, now: float, status: int = 488, headers: HeaderFields = ()) -> None:
        """Refuse ``Offered``: what held before holds. Late replies are dropped."""
        self._find(session).established().reject(status, now, headers)

    def info(self, session: str, now: float, content_type: str, body: bytes) -> None:
        """Send INFO within the session; its answer is of no consequence."""
        self._find(session).info(content_type, body, now)

    def accept_referral(self, session: str, now: float, key: str) -> None:
        """Reply to ``Referred`` with 202; a late reply is dropped."""
        self._find(session).referrals.accept(key, now)

    def refuse_referral(self, session: str, now: float, key: str, status: int) -> None:
        """Refuse ``Referred`` with ``status``; a late reply is dropped."""
        self._find(session).referrals.refuse(key, status, now)

    def report_referral(self, session: str, now: float, key: str, status: int) -> None:
        """Tell who sent the REFER how the call that it asked for goes: 200 and above is the outcome, told once."""
        self._find(session).referrals.report(key, status, now)

    def session_of(self, replaces: Replaces) -> str:
        """The session that is up and that ``replaces`` names, "" for none. Some phones put the tags the other way
        round in their Refer-To, so both are tried.
        """
        turned = Replaces(replaces.call_id, replaces.from_tag, replaces.to_tag, replaces.early_only)
        return self._sessions.up(replaces) or self._sessions.up(turned)

    def answer_request(
        self, key: str, now: float, status: int, headers: HeaderFields = (), body: bytes = b"", reason: str = ""
    ) -> None:
        """Answer a ``Requested``; one that was answered or forgotten (64·T1) is dropped silently."""
        self._outside.answer(key, now, status, headers, body, reason)

    def request(
        self,
        now: float,
        target: Hop,
        method: str,
        uri: SipUri,
        from_: NameAddress,
        to: NameAddress,
        credentials: Credentials | None = None,
        headers: HeaderFields = (),
        body: bytes = b"",
        call_id: str = "",
        cseq: int = 1,
        routes: Sequence[NameAddress] = (),
    ) -> str:
        """Send a request outside of any dialog (REGISTER, OPTIONS); its key, which ``Responded`` will name.

        ``call_id`` and ``cseq`` let refreshes of a registration belong together (§10.2.4); by default a fresh Call-ID.
        """
        agent = self._agent
        keyring = Keyring(credentials, agent.token)
        from_, to = from_.with_tag(agent.token()), to.without_tag()
        line, routes = request_line(uri, routes)
        built = agent.build(method, line, from_, to, call_id or agent.new_call_id(), cseq, routes, headers, body)
        return self._outside.ask(built, target, keyring, now)

    def _find(self, session: str) -> Session:
        found = self._sessions.get(session)
        if found is None:
            raise LegEnded("the call has ended")
        return found

    def _incoming(self, session: str) -> IncomingSession:
        found = self._find(session)
        if not isinstance(found, IncomingSession):
            raise LocalProtocolError("we began this call")
        return found
