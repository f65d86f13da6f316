"""A leg: one SIP session and its audio, seen from above as ``telephony.ports.Leg``.

The leg knows nothing of calls, queues or flows. Here is what legs of both directions share once ``leg_life`` has said
who they are and when they end; ``telephony.incoming`` and ``telephony.outgoing`` hold what they differ in until they
are up.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from core.errors import LegEnded, LocalProtocolError
from core.events import Log
from core.tap_target import TapTarget
from telephony.audio import AudioRoom
from telephony.causes import INCOMPATIBLE, Release, release_of, verdict
from telephony.facts import LegReplaced
from telephony.leg_audio import LegAudio
from telephony.leg_life import LegLife, LegName
from telephony.leg_states import LegState
from telephony.measured import VoiceLog
from telephony.media.port import Stream, Tone
from telephony.negotiation import SdpSide, Terms
from telephony.ports import EndReason, LegEnd
from telephony.sdp.negotiate import NegotiationError
from telephony.sip.events import (
    Cancelled,
    DigitInfo,
    HungUp,
    LateAnswer,
    OfferAnswered,
    Offered,
    RefreshWanted,
    Refused,
    SipEvent,
    TimedOut,
)
from telephony.sip.stack import SipStack
from telephony.sip.warning import warning

_log = logging.getLogger("line400.telephony")


class SipLeg(LegLife):
    """What both directions share: audio, events in the middle of the call, sessions that change hands."""

    reasons = True
    """Whether the far end is told causes of Q.850 when we end or refuse the call."""

    def __init__(self, name: LegName, *, stack: SipStack, room: AudioRoom, log: Log, state: LegState) -> None:
        super().__init__(name, log, state)
        self._stack = stack
        self._room = room
        self._session = ""
        self._sdp: SdpSide | None = None
        self._audio: LegAudio | None = None
        self._voice = VoiceLog(log, name.call_id, name.leg, role=name.role, party=name.party)
        self._in_order = asyncio.Lock()

    async def play(self, sounds: Sequence[Path | Tone], *, loop: bool = False) -> bool:
        """See ``telephony.ports.Leg``."""
        return await self._up().play(sounds, loop=loop)

    async def stop(self) -> None:
        """See ``telephony.ports.Leg``."""
        await self._up().stop()

    async def next_digit(self) -> str:
        """See ``telephony.ports.Leg``."""
        return await self._up().next_digit()

    def clear_digits(self) -> None:
        """See ``telephony.ports.Leg``."""
        self._up().clear_digits()

    async def start_tap(self, target: TapTarget) -> None:
        """See ``telephony.ports.Leg``."""
        await self._up().start_tap(target)

    async def stop_tap(self) -> None:
        """See ``telephony.ports.Leg``; no error where the leg has ended."""
        if self._audio is not None and self._end is None:
            await self._audio.stop_tap()

    async def hang_up(self, reason: EndReason = EndReason.NORMAL, *, status: int = 0, cause: int = 0) -> None:
        """See ``telephony.ports.Leg``."""
        if self._end is not None:
            return
        if self._session:
            self._part(release_of(reason, status, cause))
        self._finish(LegEnd(reason, by_us=True))

    @property
    def session(self) -> str:
        """Its SIP session, "" where it has none (any more)."""
        return self._session

    def hears(self, session: str) -> bool:
        """Whether what happens to ``session`` concerns the leg; not yet of one that is about to replace its own."""
        return session == self._session

    def replaced_by(
        self, session: str, offer: bytes | None, terms: Terms, drop: Callable[[str], None], *, early_only: bool = False
    ) -> None:
        """As ``replace_session``, beside what the leg does; ``drop`` gets the session that is not the leg's then."""

        async def replace() -> None:
            before = self._session
            try:
                await self.replace_session(session, offer, terms, early_only=early_only)
            finally:
                drop(before if self._session == session else session)

        self._spawn(replace())

    async def replace_session(
        self, session: str, offer: bytes | None, terms: Terms, *, early_only: bool = False
    ) -> None:
        """The far end goes on with another of its phones, whose INVITE is ``session`` (RFC 3891): that one is answered
        on our RTP port, the old session is hung up, and nobody else notices.

        An offer that we cannot speak is refused with 488, and what held before holds; so it does with 486 where the
        far end had to be ``early_only``.
        """
        async with self._in_order:
            agreed = self._agreed_with(session, offer, terms, 486 if early_only else 0)
            if agreed is None:
                return
            sdp, answer, stream = agreed
            if stream is not None:
                await self._set_stream(stream)
            self._stack.accept(session, answer)
            before, self._session, self._sdp = self._session, session, sdp
            self._stack.hang_up(before)
            self._log.post(self.call_id, LegReplaced(self.id))

    def _agreed_with(
        self, session: str, offer: bytes | None, terms: Terms, refusal: int = 0
    ) -> tuple[SdpSide, bytes, Stream | None] | None:
        """Our side of the SDP with who replaces a session, our answer, and the stream; None where it was refused."""
        if self._end is not None or self._audio is None:
            refusal = 481
        if self._audio is None or refusal:
            self._stack.reject(session, refusal)
            return None
        sdp = self._side(self._audio, terms)
        try:
            answer, stream = (sdp.offer(), None) if offer is None else sdp.answer(offer)
        except NegotiationError as error:
            _log.info("leg %s: who replaces it was refused: %s", self.id, error)
            self._stack.reject(session, 488, headers=self._warning(error))
            return None
        return sdp, answer, stream

    def holding(self) -> tuple[str, SdpSide]:
        """Its session and what SDP has agreed in it, for a leg that takes it over; ``LegEnded`` where it has none."""
        if self._end is not None or self._sdp is None or self._state is not LegState.UP:
            raise LegEnded(f"leg {self.id} has nobody to pass on")
        return self._session, self._sdp

    def take_back(self, sdp: SdpSide, *, asked: bool) -> None:
        """Nobody has taken the session over; ``asked``: the far end may send its voice elsewhere by now."""
        if self._audio is not None and self._end is None:
            self._sdp = sdp.at(self._audio.local)
            if asked:
                self._spawn(self._reoffer())

    def part_with_session(self, heir: "SipLeg") -> None:
        """The session is ``heir``'s from now on, with all that is to be done when it ends; this leg is over."""
        self._session = ""
        for handler in self._let_go():
            heir.when_gone(handler)
        self._finish(LegEnd(EndReason.NORMAL, by_us=True))

    def far_end_gone(self) -> None:
        """Its far end hung up while another leg was taking the session over."""
        self._finish(LegEnd(EndReason.NORMAL, by_us=False))

    def _beside(self) -> tuple[str, ...]:
        return self._room.codecs_beside(self.id, self.call_id)

    def on_sip(self, event: SipEvent) -> None:
        """An event of this leg's session."""
        match event:
            case Cancelled():
                self._finish(LegEnd(EndReason.CANCELLED, by_us=False))
            case HungUp(cause=cause):
                self._finish(LegEnd(EndReason.NORMAL, by_us=False, cause=cause or 0))
            case TimedOut():
                self._finish(LegEnd(EndReason.UNAVAILABLE, by_us=False))
            case Refused(status=status, cause=cause):
                self._finish(LegEnd(verdict(status, cause), by_us=False, status=status, cause=cause or 0))
            case DigitInfo(digit=digit):
                if self._audio is not None:
                    self._audio.pressed(digit, "info")
            case LateAnswer(sdp=sdp) | OfferAnswered(sdp=sdp):
                self._spawn(self._take_answer(sdp))
            case Offered(sdp=sdp):
                self._spawn(self._reply_to_offer(sdp))
            case RefreshWanted():
                self._spawn(self._reoffer())
            case _:
                pass

    def _part(self, release: Release, headers: tuple[tuple[str, str], ...] = ()) -> None:
        """Tell the far end that it is over, as fits the leg's direction and state; a refusal has ``headers``."""
        self._stack.hang_up(self._session, release.cause if self.reasons else 0)

    async def _open_audio(self, terms: Terms) -> tuple[LegAudio, SdpSide]:
        audio = await self._open_port()
        self._sdp = sdp = self._side(audio, terms)
        return audio, sdp

    def _side(self, audio: LegAudio, terms: Terms) -> SdpSide:
        return SdpSide(
            audio.local, terms.codecs, prefer=self._beside(), encryption=terms.encryption, loopback=terms.loopback
        )

    async def _open_port(self) -> LegAudio:
        audio = await self._room.open(self.id, lost=self._audio_lost, group=self.call_id)
        audio.when_scored = self._voice.scored
        self._audio = audio
        if self._end is not None:  # it ended while the port was being opened
            await self._room.close(audio)
            raise LegEnded(f"leg {self.id} ended")
        return audio

    async def _take_answer(self, sdp: bytes, *, early: bool = False) -> None:
        async with self._in_order:
            if self._audio is None or self._sdp is None or self._end is not None:
                return
            try:
                await self._set_stream(self._sdp.take_answer(sdp), early=early)
            except NegotiationError as error:
                self._useless(error)

    def _useless(self, error: NegotiationError) -> None:
        """The far end has answered our offer, but not so that there could be audio: it is told so, and it is over."""
        if self._end is not None:
            return
        _log.warning("leg %s: the far end's answer cannot be used: %s", self.id, error)
        if self._session:
            self._part(INCOMPATIBLE)
        refused = INCOMPATIBLE if self._state is not LegState.UP else Release(0, 0)
        self._finish(LegEnd(EndReason.ERROR, by_us=True, status=refused.status, cause=refused.cause))

    async def _reply_to_offer(self, sdp: bytes | None) -> None:
        async with self._in_order:
            if self._audio is None or self._sdp is None or self._end is not None:
                return
            self._sdp.prefer = self._beside()
            if sdp is None:
                self._stack.answer_offer(self._session, self._sdp.offer())
                return
            try:
                answer, stream = self._sdp.answer(sdp)
            except NegotiationError as error:
                _log.info("leg %s: a change of audio was refused: %s", self.id, error)
                self._stack.reject_offer(self._session, 488, self._warning(error))
                return
            await self._set_stream(stream, early=self._state is not LegState.UP)
            self._stack.answer_offer(self._session, answer)

    def _warning(self, error: NegotiationError) -> tuple[tuple[str, str], ...]:
        """What a 488 tells beside."""
        return (warning(error.warn, self._stack.host, str(error)),)

    async def _reoffer(self) -> None:
        """Offer again what holds."""
        async with self._in_order:
            if self._sdp is not None and self._end is None:
                self._stack.reoffer(self._session, self._sdp.offer())

    async def _set_stream(self, stream: Stream, *, early: bool = False) -> None:
        if self._audio is not None:
            await self._audio.update(stream, early=early)

    def _up(self) -> LegAudio:
        if self._end is not None:
            raise LegEnded(f"leg {self.id} ended")
        if self._audio is None:
            raise LocalProtocolError(f"leg {self.id} has no audio yet")
        return self._audio

    def _audio_lost(self) -> None:
        self._spawn(self.hang_up(EndReason.MEDIA_LOST))

    def _finish(self, end: LegEnd) -> None:
        """See ``LegLife``; nobody hears anything any more."""
        first = self._end is None
        super()._finish(end)
        if first and self._audio is not None:
            self._spawn(self._close_audio(self._audio))

    async def _close_audio(self, audio: LegAudio) -> None:
        stats = await self._room.close(audio)
        if stats is not None and stats.quality is not None:
            self._voice.ended(audio.codec, stats.quality)
