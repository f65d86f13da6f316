"""A simulated phone with more buttons: hold and resume (UPDATE or re-INVITE), keys by INFO, a call without SDP."""

from collections.abc import Callable

from service.clock import SystemClock
from service.demo.softphone import PhoneCall, Softphone
from telephony.sip.address import NameAddress
from telephony.sip.credentials import Credentials
from telephony.sip.events import Answered, OfferAnswered, Progressed, SipEvent
from telephony.sip.hop import Hop
from telephony.sip.uri import SipUri


class Handset(Softphone):
    """``host`` is the address that it calls from and answers at."""

    def __init__(
        self,
        server: Hop,
        user: str,
        password: str = "",
        on_call: Callable[[PhoneCall], None] | None = None,
        listen: Hop | None = None,
    ) -> None:
        super().__init__(SystemClock(), server, user, password, on_call, listen)
        self.renegotiated = 0
        """Answers that our re-INVITEs got."""
        self._late: dict[str, PhoneCall] = {}

    def hold(self, call: PhoneCall, direction: str = "sendonly") -> None:
        """Put the other side on hold."""
        self.stack.reoffer(call.session, call.sdp.offer().replace(b"a=sendrecv", f"a={direction}".encode()))

    def resume(self, call: PhoneCall) -> None:
        """Come back."""
        self.stack.reoffer(call.session, call.sdp.offer())

    def speak_early(self, call: PhoneCall) -> None:
        """183 with our SDP: what is said on ``call`` from now on may be heard before it is answered."""
        assert call.offer is not None
        answer, stream = call.sdp.answer(call.offer)
        call.voice.connect(stream.remote)
        self.stack.progress(call.session, 183, answer)

    def press_by_info(self, call: PhoneCall, key: str) -> None:
        """A key as many phones send it where telephone-event is off."""
        self.stack.info(call.session, "application/dtmf-relay", f"Signal={key}\r\nDuration=160\r\n".encode())

    def towards(self, server: Hop) -> None:
        """From now on call that server."""
        self._server = server

    async def call_registered(self, user: str, number: str, caller: str) -> PhoneCall:
        """Call whom ``user`` registered, as a carrier does; only To says which ``number`` was called."""
        call = await self._new_call(number)
        me = NameAddress(SipUri(self.stack.address().host, user=caller))
        contact = SipUri(self._server.host, user=user, port=self._server.port)
        to = NameAddress(SipUri(self.stack.address().host, user=number))
        call.session = self.stack.invite(self._server, contact, me, to, call.sdp.offer())
        self._calls[call.session] = call
        await call.decided.wait()
        assert call.up, call.ended
        return call

    async def replace(self, old: PhoneCall, caller: str) -> PhoneCall:
        """Go on with ``old`` from another phone (RFC 3891); the new call once it is answered."""
        session = self.stack._endpoint._sessions.get(old.session)
        assert session is not None and session.dialog is not None
        dialog = session.dialog
        named = f"{dialog.call_id};to-tag={dialog.remote.tag};from-tag={dialog.local.tag}"
        call = await self._replacing(named, old.number, caller)
        assert call.up, call.ended
        return call

    async def pick_up(self, ringing: "Handset", call: PhoneCall) -> PhoneCall:
        """Take a call that rings at another phone; our call, up or refused."""
        session = ringing.stack._endpoint._sessions.get(call.session)
        assert session is not None and session.dialog is not None
        dialog = session.dialog
        named = f"{dialog.call_id};to-tag={dialog.remote.tag};from-tag={dialog.local.tag};early-only"
        return await self._replacing(named, call.number, self._user)

    async def _replacing(self, named: str, number: str, caller: str) -> PhoneCall:
        call = await self._new_call(number)
        uri = SipUri(self._server.host, user=number, port=self._server.port)
        me = NameAddress(SipUri(self.stack.address().host, user=caller))
        headers = (("Replaces", named), ("Require", "replaces"))
        proof = Credentials(self._user, self._password) if self._password else None
        call.session = self.stack.invite(self._server, uri, me, NameAddress(uri), call.sdp.offer(), proof, headers)
        self._calls[call.session] = call
        await call.decided.wait()
        return call

    async def dial_late(self, number: str, caller: str) -> PhoneCall:
        """INVITE without SDP: the answer comes with our ACK."""
        call = await self._new_call(number)
        uri = SipUri(self._server.host, user=number, port=self._server.port)
        me = NameAddress(SipUri(self.stack.address().host, user=caller))
        call.session = self.stack.invite(self._server, uri, me, NameAddress(uri), None)
        self._calls[call.session] = self._late[call.session] = call
        return call

    def _on_sip(self, event: SipEvent) -> None:
        match event:
            case Answered(session=session, sdp=bytes() as offer) if call := self._late.pop(session, None):
                answer, stream = call.sdp.answer(offer)
                self.stack.accept_late(session, answer)
                call.voice.connect(stream.remote)
                call.up = True
                call.decided.set()
            case Progressed(session=session, sdp=bytes() as sdp) if call := self._calls.get(session):
                call.voice.connect(call.sdp.take_answer(sdp).remote)
            case OfferAnswered():
                self.renegotiated += 1
            case _:
                super()._on_sip(event)
