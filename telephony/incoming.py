"""A leg that somebody else began: it rings, is answered or refused, and then is a leg like any other."""

import asyncio
import contextlib
import logging
from typing import Final

from core.errors import LegEnded
from core.events import Log
from telephony.audio import AudioRoom
from telephony.causes import INCOMPATIBLE, Release, reason_header
from telephony.leg import SipLeg
from telephony.leg_life import LegName
from telephony.leg_states import LegInput, LegState
from telephony.media.port import Address
from telephony.negotiation import SdpSide, Terms
from telephony.ports import EndReason, LegEnd
from telephony.sdp.negotiate import NegotiationError
from telephony.sip.events import Confirmed, LateAnswer, SipEvent
from telephony.sip.stack import SipStack

_log = logging.getLogger("line400.telephony")

BYE_FOLLOWS_S: Final = 2.0
_NOWHERE: Final = Address("nowhere.invalid", 9)
"""The address in an answer that is not sent. Which worker carries the call is not known yet, so it is a name, of which
nobody knows whether it is of IPv4 or IPv6.
"""


class IncomingLeg(SipLeg):
    """A leg that somebody else began: ``offer`` is his SDP, None where he wants ours."""

    def __init__(
        self,
        name: LegName,
        *,
        stack: SipStack,
        room: AudioRoom,
        log: Log,
        session: str,
        offer: bytes | None,
        terms: Terms,
    ) -> None:
        super().__init__(name, stack=stack, room=room, log=log, state=LegState.ARRIVED)
        self._session = session
        self._offer = offer
        self._terms = terms
        self._owes_answer = offer is None
        self._said: bytes | None = None
        """Our answer, once a provisional response has brought it: the 200 says the same (RFC 3261 §13.2.1)."""

    def on_sip(self, event: SipEvent) -> None:
        """See ``SipLeg``. Who wanted our offer must answer it in his ACK (RFC 3261 §13.2.1); else nobody would ever
        hear anything, and nobody miss it.
        """
        match event:
            case LateAnswer():
                self._owes_answer = False
            case Confirmed() if self._owes_answer:
                self._spawn(self._end_unless_gone())
            case _:
                pass
        super().on_sip(event)

    async def _end_unless_gone(self) -> None:
        """Who had cancelled while we answered sends an empty ACK too, and then BYE."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(BYE_FOLLOWS_S):
                await self.wait_ended()
                return
        self._useless(NegotiationError("its ACK holds no answer to our offer"))

    async def ring(self) -> None:
        """See ``telephony.ports.Leg``."""
        if self._end is not None:
            raise LegEnded(f"leg {self.id} ended")
        if self._state is LegState.ARRIVED:
            self._stack.progress(self._session, 180)
        self._step(LegInput.RING)

    async def early(self) -> None:
        """See ``telephony.ports.Leg``. As for ``answer`` an offer that we cannot speak is refused with 488."""
        async with self._in_order:
            if self._end is not None:
                raise LegEnded(f"leg {self.id} ended")
            if self._state is LegState.UP or self._said is not None or self._offer is None:
                return
            self._said = await self._agreed(early=True)
            self._stack.progress(self._session, 183, self._said)

    async def answer(self) -> None:
        """See ``telephony.ports.Leg``. An offer that holds no audio we can speak is refused with 488."""
        async with self._in_order:
            if self._end is not None:
                raise LegEnded(f"leg {self.id} ended")
            if self._state is LegState.UP:
                return
            said = self._said or await self._agreed(early=False)
            if self._audio is not None:
                await self._audio.answered()
            self._stack.accept(self._session, said)
            self._step(LegInput.ANSWER)

    async def _agreed(self, *, early: bool) -> bytes:
        """Our answer to his offer, or our offer; the audio is open."""
        audio, sdp = await self._open_audio(self._terms)
        if self._offer is None:
            return sdp.offer()
        try:
            answer, stream = sdp.answer(self._offer)
        except NegotiationError as error:
            raise self._refused(error) from error
        await audio.update(stream, early=early)
        return answer

    def speaks(self) -> bool:
        """Whether the offer could be answered; if not, the leg is refused with 488. Asked before anybody is rung: it is
        answered to nobody, and costs no port.
        """
        if self._offer is None:
            return True
        terms = self._terms
        side = SdpSide(_NOWHERE, terms.codecs, encryption=terms.encryption, loopback=terms.loopback)
        try:
            side.answer(self._offer)
        except NegotiationError as error:
            self._refused(error)
            return False
        return True

    def _refused(self, error: NegotiationError) -> LegEnded:
        _log.info("leg %s: refused: %s", self.id, error)
        self._part(INCOMPATIBLE, self._warning(error))
        self._session = ""
        self._finish(LegEnd(EndReason.REJECTED, by_us=True, status=INCOMPATIBLE.status))
        return LegEnded(f"leg {self.id}: {error}")

    def _part(self, release: Release, headers: tuple[tuple[str, str], ...] = ()) -> None:
        if self._state is LegState.ARRIVED:
            why = (reason_header(release.cause),) if self.reasons else ()
            self._stack.reject(self._session, release.status, headers=(*why, *headers))
        else:
            super()._part(release, headers)
