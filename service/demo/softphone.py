"""A simulated phone or carrier: calls, answers and registers over our own SIP stack, with a ``Voice`` for each call."""

import asyncio
import secrets
from collections.abc import Callable, Coroutine
from typing import Final

from core.clock import Clock
from core.errors import CallRejected, Unavailable
from service.demo.voice import Voice
from telephony.negotiation import SdpSide
from telephony.sip.address import NameAddress
from telephony.sip.credentials import Credentials
from telephony.sip.endpoint import Endpoint, HeaderFields
from telephony.sip.events import (
    Answered,
    Cancelled,
    HungUp,
    Invited,
    Offered,
    Refused,
    Requested,
    Responded,
    SipEvent,
    TimedOut,
)
from telephony.sip.hop import Hop
from telephony.sip.stack import SipStack
from telephony.sip.uri import SipUri

CODECS: Final = ("PCMA", "PCMU")


class PhoneCall:
    """One call as the simulated party lives it."""

    def __init__(self, stack: SipStack, number: str, voice: Voice, sdp: SdpSide) -> None:
        self.number = number
        self.voice = voice
        self.session = ""
        self.offer: bytes | None = None
        self.sdp = sdp
        self.up = False
        self.decided = asyncio.Event()
        """Set when the call was answered or has ended."""
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._stack = stack

    async def answer(self) -> None:
        """Pick up."""
        if self.offer is None:
            self._stack.accept(self.session, self.sdp.offer())
            return
        answer, stream = self.sdp.answer(self.offer)
        self.voice.connect(stream.remote)
        self._stack.accept(self.session, answer)

    def refuse(self, status: int) -> None:
        """Do not pick up."""
        self._stack.reject(self.session, status)
        self.over(status)

    def hang_up(self) -> None:
        """Put down."""
        if not self.ended.done():
            self._stack.hang_up(self.session)
            self.over(0)

    def over(self, status: int) -> None:
        """The call has ended, with the SIP ``status`` of a refusal or 0."""
        self.voice.close()
        if not self.ended.done():
            self.ended.set_result(status)
        self.decided.set()


class Softphone:
    """``server`` is where calls go. ``on_call`` gets each incoming call, not answered yet."""

    def __init__(
        self,
        clock: Clock,
        server: Hop,
        user: str,
        password: str = "",
        on_call: Callable[[PhoneCall], None] | None = None,
        listen: Hop | None = None,
        make_voice: Callable[[], Voice] = Voice,
    ) -> None:
        self._server = server
        self._user = user
        self._password = password
        self._on_call = on_call
        self._make_voice = make_voice
        listen = listen or Hop("UDP", "127.0.0.1", 0)
        self._transport = listen.transport
        self.stack = SipStack(Endpoint([listen], entropy=secrets.token_bytes), clock, [listen])
        self._calls: dict[str, PhoneCall] = {}
        self._responses: dict[str, asyncio.Future[int]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.stack.subscribe(self._on_sip)

    async def start(self) -> None:
        """Bind the phone's port."""
        await self.stack.start()

    async def close(self) -> None:
        """Put down every call and close the port."""
        for call in tuple(self._calls.values()):
            call.hang_up()
        for task in self._tasks:
            task.cancel()
        await asyncio.sleep(0.1)  # let the last BYE leave and its answer come
        await self.stack.close()

    async def register(self, expires_s: int = 300, headers: HeaderFields = ()) -> None:
        """Tell the server where we are; ``CallRejected`` if it does not want us. ``headers`` beside our own."""
        ours = self.stack.address(self._transport)
        me = NameAddress(SipUri(self._server.host, user=self._user, port=self._server.port))
        key = self.stack.request(
            self._server,
            "REGISTER",
            SipUri(self._server.host, port=self._server.port),
            me,
            me,
            Credentials(self._user, self._password),
            headers=(
                ("Contact", f"<{SipUri(ours.host, user=self._user, port=ours.port)}>"),
                ("Expires", str(expires_s)),
                *headers,
            ),
        )
        answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._responses[key] = answer
        status = await answer
        if status != 200:
            raise CallRejected(status, "registration refused")

    async def call(self, number: str, caller: str = "") -> PhoneCall:
        """Call ``number`` as ``caller`` and return once answered; ``CallRejected`` or ``Unavailable`` otherwise."""
        call = await self.dial(number, caller)
        await call.decided.wait()
        if call.up:
            return call
        status = call.ended.result()
        if status:
            raise CallRejected(status)
        raise Unavailable("the call ended before it was answered")

    async def dial(self, number: str, caller: str = "") -> PhoneCall:
        """Begin to call ``number``; returns at once."""
        call = await self._new_call(number)
        ours = self.stack.address(self._transport)
        uri = SipUri(self._server.host, user=number, port=self._server.port)
        call.session = self.stack.invite(
            self._server,
            uri,
            NameAddress(SipUri(ours.host, user=caller or self._user)),
            NameAddress(uri),
            call.sdp.offer(),
            Credentials(self._user, self._password) if self._password else None,
        )
        self._calls[call.session] = call
        return call

    async def _new_call(self, number: str) -> PhoneCall:
        voice = self._make_voice()
        local = await voice.open()
        return PhoneCall(self.stack, number, voice, SdpSide(local, CODECS))

    def _on_sip(self, event: SipEvent) -> None:
        match event:
            case Invited():
                self._spawn(self._invited(event))
            case Requested(key=key, request=request) if request.method == "OPTIONS":  # are you there?
                self.stack.answer_request(key, 200)
            case Responded(key=key, status=status):
                if answer := self._responses.pop(key, None):
                    answer.set_result(status)
            case Answered(session=session, sdp=bytes() as sdp):
                if call := self._calls.get(session):
                    call.voice.connect(call.sdp.take_answer(sdp).remote)
                    call.up = True
                    call.decided.set()
            case Offered(session=session, sdp=bytes() as sdp):
                if call := self._calls.get(session):
                    answer_sdp, stream = call.sdp.answer(sdp)
                    call.voice.connect(stream.remote)
                    self.stack.answer_offer(session, answer_sdp)
            case Refused(session=session, status=status):
                self._over(session, status)
            case Cancelled(session=session) | HungUp(session=session) | TimedOut(session=session):
                self._over(session, 0)
            case _:
                pass

    async def _invited(self, event: Invited) -> None:
        call = await self._new_call(event.request.uri.user)
        call.session, call.offer = event.session, event.offer
        self._calls[event.session] = call
        if self._on_call is None:
            call.refuse(480)
            return
        self.stack.progress(event.session, 180)
        self._on_call(call)

    def _over(self, session: str, status: int) -> None:
        if call := self._calls.pop(session, None):
            call.over(status)

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
