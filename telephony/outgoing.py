"""A leg that we begin: dialled, rung, and once answered a leg like any other."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Final

from core.errors import CallRejected, LocalProtocolError, TransactionTimeout, Unavailable
from core.events import Log
from telephony.audio import AudioRoom
from telephony.facts import LegReplaced
from telephony.leg import SipLeg
from telephony.leg_life import LegName
from telephony.leg_states import LegInput, LegState
from telephony.negotiation import Terms
from telephony.ports import TAKEN, EndReason, Leg
from telephony.sdp.negotiate import NegotiationError
from telephony.sip.address import NameAddress
from telephony.sip.events import Answered, Progressed, Refused, SipEvent
from telephony.sip.stack import SipStack
from telephony.sip.uac import NON_SELECTED

RINGING: Final = 180


class Unreachable(Unavailable):
    """The place that was called is silent or cannot be reached: another one may serve."""


class OutgoingLeg(SipLeg):
    """A leg that we begin. ``connect`` returns when the far end has answered."""

    def __init__(self, name: LegName, *, stack: SipStack, room: AudioRoom, log: Log) -> None:
        super().__init__(name, stack=stack, room=room, log=log, state=LegState.DIALLING)
        self._taken = False
        """Somebody has answered the call: the far end, or whoever else was called for it (``TAKEN``)."""
        self.when_early: Callable[[Leg], None] | None = None
        """Called once, when the network sends sound before the answer."""
        self.when_rings: Callable[[], None] = lambda: None
        """Called each time the far end says that it rings (180, RFC 3261 §21.1.2)."""
        self.moved_to: tuple[NameAddress, ...] = ()
        """Where else to call, in the words of who has refused (3xx)."""
        self._decided = asyncio.Event()
        """It is up, or over."""
        self.when_gone(self._decided.set)

    async def ring(self) -> None:
        """An outgoing leg is rung by the far end's network."""
        raise LocalProtocolError("an outgoing leg cannot ring its caller")

    async def early(self) -> None:
        """An outgoing leg is heard early by its far end's will; once it is answered, this is no error."""
        self._up()

    async def answer(self) -> None:
        """An outgoing leg is answered by the far end; once it has, this is no error."""
        self._up()

    async def connect(
        self, invite: Callable[[bytes], str], terms: Terms, timeout_s: float, *, reach_s: float = 0.0
    ) -> None:
        """Call the far end: ``invite`` sends our offer and returns the id of the session, whose events it routes to us.
        With ``reach_s`` the far end must answer anything at all within that time.

        Raises and cancels as ``telephony.ports.AgentPhones.ring``; ``Unreachable`` where nobody answered anything.
        """

        async def call() -> None:
            _, sdp = await self._open_audio(terms)
            self._session = invite(sdp.offer())

        await self._until_answered(call(), timeout_s, reach_s)

    async def _until_answered(self, call: Coroutine[None, None, None], timeout_s: float, reach_s: float = 0.0) -> None:
        """Make the ``call`` and wait for what comes of it; raises and cancels as ``connect``."""
        try:
            await call
            async with asyncio.timeout(timeout_s):
                if reach_s:
                    await self._heard(reach_s)
                await self._decided.wait()
        except TimeoutError:
            await self.hang_up(EndReason.NO_ANSWER)
            raise TransactionTimeout(f"no answer within {timeout_s:.0f} s") from None
        except Unreachable:
            await self.hang_up(EndReason.UNAVAILABLE)
            raise
        except BaseException as fault:
            self._taken = TAKEN in fault.args
            await self.hang_up(EndReason.CANCELLED)
            raise
        if self._end is not None:
            if self._end.status:
                raise CallRejected(self._end.status, cause=self._end.cause or None)
            raise Unreachable(f"the call could not be connected: {self._end.reason.value}")

    async def _heard(self, reach_s: float) -> None:
        """``Unreachable`` where the far end is silent altogether."""
        try:
            async with asyncio.timeout(reach_s):
                await self._decided.wait()
        except TimeoutError:
            if not self._stack.heard(self._session):
                raise Unreachable(f"no answer of any kind within {reach_s:g} s") from None

    def on_sip(self, event: SipEvent) -> None:
        """As ``SipLeg.on_sip``, and the answer to our offer."""
        match event:
            case Progressed(status=status, sdp=sdp):
                if status == RINGING:
                    self.when_rings()
                if sdp is not None:
                    self._spawn(self._sound_early(sdp))
            case Answered(sdp=sdp):
                self._taken = True
                self._spawn(self._answered(sdp))
            case Refused(contacts=contacts):
                self.moved_to = contacts
                super().on_sip(event)
            case _:
                super().on_sip(event)

    async def _sound_early(self, sdp: bytes) -> None:
        await self._take_answer(sdp, early=True)
        told, self.when_early = self.when_early, None
        if told is not None and self._end is None and not self._taken:
            told(self)

    async def replace_session(
        self, session: str, offer: bytes | None, terms: Terms, *, early_only: bool = False
    ) -> None:
        """As ``SipLeg.replace_session``. While it rings, who takes the call from another phone has answered it, and
        what rings falls silent (RFC 3891 §3).
        """
        async with self._in_order:
            rings = self._state is LegState.DIALLING and not self._taken
            if rings:
                await self._take_up(session, offer, terms)
        if not rings:
            await super().replace_session(session, offer, terms, early_only=early_only)

    async def _take_up(self, session: str, offer: bytes | None, terms: Terms) -> None:
        agreed = self._agreed_with(session, offer, terms)
        if agreed is None:
            return
        sdp, answer, stream = agreed
        self._stack.accept(session, answer)
        self._taken = True
        self._fall_silent()
        self._session, self._sdp = session, sdp
        self._log.post(self.call_id, LegReplaced(self.id))
        if stream is not None:
            await self._set_stream(stream)
        self._come_up()

    def _fall_silent(self) -> None:
        """The call has been taken elsewhere."""
        self._stack.hang_up(self._session, NON_SELECTED)

    async def _answered(self, sdp: bytes | None) -> None:
        """The 200 has come, with the answer to our offer unless a response before it had that (RFC 3261 §13.2.1). One
        that leaves us without is no answer.
        """
        if sdp is not None:
            await self._take_answer(sdp)
        else:
            await self._hold_to_early_answer()
        self._come_up()

    async def _hold_to_early_answer(self) -> None:
        async with self._in_order:
            if self._audio is None or self._sdp is None or self._end is not None:
                return
            if self._sdp.agreed:
                await self._audio.answered()
            else:
                self._useless(NegotiationError("there is none in its 200, nor was there before"))

    def _come_up(self) -> None:
        """Both sides have agreed; nothing happens where it is over by now."""
        if self._end is None:
            self._step(LegInput.ANSWER)
            self._decided.set()
