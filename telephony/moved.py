"""A leg that takes over the session of a leg of another call: who talks there goes on here (attended transfer).

Its audio is a port of its own beside the other legs of its new call, so the far end is asked by re-INVITE to send its
voice there. Until it agrees the old leg is as it was.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from core.errors import LegEnded, LocalProtocolError, Unavailable
from core.events import Log
from telephony.audio import AudioRoom
from telephony.leg import SipLeg
from telephony.leg_life import LegName
from telephony.leg_states import LegInput, LegState
from telephony.negotiation import SdpSide
from telephony.ports import EndReason, LegEnd
from telephony.sip.events import OfferAnswered, OfferRefused, SipEvent
from telephony.sip.stack import SipStack

ANSWER_S: Final = 10.0
"""How long the far end may take to agree; it rings nobody, so it answers at once if it lives."""


class MovedLeg(SipLeg):
    """``take`` returns when the far end's voice comes here."""

    def __init__(self, name: LegName, *, stack: SipStack, room: AudioRoom, log: Log) -> None:
        super().__init__(name, stack=stack, room=room, log=log, state=LegState.DIALLING)
        self._agreed: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.when_gone(lambda: self._say(481))

    async def ring(self) -> None:
        """It has been answered before."""
        raise LocalProtocolError("a leg that has moved is up already")

    async def early(self) -> None:
        """As ``answer``."""
        self._up()

    async def answer(self) -> None:
        """It has been answered before; no error."""
        self._up()

    async def take(self, old: SipLeg, follow: Callable[[], None], when_moved: Callable[[], None]) -> None:
        """Take over the session of ``old``: ``follow`` routes its events to us, ``when_moved`` is called just before
        the old leg ends. ``LegEnded`` where the far end hung up meanwhile (then the old leg has ended as well),
        ``Unavailable`` where it does not agree: the old leg then has its session back and goes on.
        """
        session, sdp = old.holding()
        refused = False
        try:
            status = await self._ask(session, sdp, follow)
            refused = status != 0
            if refused:
                raise Unavailable(f"the far end does not send its voice elsewhere: {status}")
        except BaseException:
            gone = self._end is not None and not self._end.by_us
            self._session = ""  # so that nobody is hung up
            self._finish(LegEnd(EndReason.ERROR, by_us=True))
            if gone:
                old.far_end_gone()
            elif self._sdp is not None:
                old.take_back(self._sdp, asked=not refused)
            raise
        when_moved()
        self._step(LegInput.ANSWER)
        old.part_with_session(self)

    async def _ask(self, session: str, sdp: SdpSide, follow: Callable[[], None]) -> int:
        """0 where the far end agrees, else the status of its refusal."""
        audio = await self._open_port()
        self._sdp = sdp.at(audio.local)
        self._sdp.prefer = self._beside()
        follow()
        self._session = session
        self._stack.reoffer(session, self._sdp.offer())
        try:
            async with asyncio.timeout(ANSWER_S):
                status = await asyncio.shield(self._agreed)
        except TimeoutError:
            raise Unavailable("the far end does not say whether it sends its voice elsewhere") from None
        if self._end is not None:
            raise LegEnded(f"leg {self.id} ended")
        return status

    def on_sip(self, event: SipEvent) -> None:
        """As ``SipLeg.on_sip``, and the answer to the re-INVITE that moves it."""
        match event:
            case OfferAnswered(sdp=sdp) if not self._agreed.done():
                self._spawn(self._moved(sdp))
            case OfferRefused(status=status):
                self._say(status)
            case _:
                super().on_sip(event)

    async def _moved(self, sdp: bytes) -> None:
        await self._take_answer(sdp)
        self._say(0)

    def _say(self, status: int) -> None:
        if not self._agreed.done():
            self._agreed.set_result(status)
