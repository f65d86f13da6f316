"""A leg that rings several phones at once: the first that answers has it, the others are cancelled.

Each phone gets an INVITE of its own, with keys of its own in its SDP, all for one RTP port. What comes of the refusals
follows RFC 3261 §16.7, as a proxy that forks would do it: a 6xx is the person's word for all of his phones; otherwise
it rings on as long as one phone may still answer, and in the end the refusal that says most is passed on. An answer
that leaves us without audio is a refusal (488). A phone that cannot be reached, or whose connection goes, has said
nothing.
"""

import contextlib
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from core.errors import LegEnded, Unavailable
from core.events import Log
from telephony.audio import AudioRoom
from telephony.causes import INCOMPATIBLE, verdict
from telephony.leg_audio import LegAudio
from telephony.leg_life import LegName
from telephony.media.port import Stream
from telephony.negotiation import SdpSide
from telephony.outgoing import RINGING, OutgoingLeg
from telephony.phones import PhoneTarget
from telephony.ports import EndReason, LegEnd
from telephony.sdp.negotiate import NegotiationError
from telephony.sip.events import (
    Answered,
    HungUp,
    Offered,
    Progressed,
    Refused,
    Requested,
    Responded,
    SipEvent,
    TimedOut,
)
from telephony.sip.hop import Hop
from telephony.sip.stack import SipStack
from telephony.sip.uac import NON_SELECTED

_log = logging.getLogger("line400.telephony")
_HIS_WORD: Final = frozenset({403, 480, 486})
_NO_SUCH_PHONE: Final = frozenset({404, 408, 410, 430, 481})

Invite: TypeAlias = Callable[[PhoneTarget, bytes], str]
"""Sends our offer to a phone; the id of the session, whose events are from then on ours."""


@dataclass(slots=True)
class _Branch:
    """One phone that rings: our side of its SDP, and what is agreed with it before it answers."""

    target: PhoneTarget
    sdp: SdpSide
    stream: Stream | None = None

    def settle(self, sdp: bytes | None) -> Stream:
        """What is agreed with a phone whose 200 has come; ``NegotiationError`` where that is nothing."""
        if sdp is not None:
            return self.sdp.take_answer(sdp)
        if self.stream is None:
            raise NegotiationError("there is none in its 200, nor was there before")
        return self.stream


class ForkedLeg(OutgoingLeg):
    """One leg, several phones. ``drop`` is told of each session that is none of the leg's any more."""

    def __init__(
        self, name: LegName, *, stack: SipStack, room: AudioRoom, log: Log, drop: Callable[[str], None]
    ) -> None:
        super().__init__(name, stack=stack, room=room, log=log)
        self._drop = drop
        self._branches: dict[str, _Branch] = {}
        self._refusal: LegEnd | None = None
        """The refusal so far that says most."""

    async def connect_first(self, targets: Sequence[PhoneTarget], invite: Invite, timeout_s: float) -> None:
        """Ring all ``targets``; returns when one has answered. Raises and cancels as ``AgentPhones.ring``."""

        async def call() -> None:
            self._invite_all(await self._open_port(), targets, invite)

        await self._until_answered(call(), timeout_s)

    def _invite_all(self, audio: LegAudio, targets: Sequence[PhoneTarget], invite: Invite) -> None:
        """``Unavailable`` where not one of them can be called."""
        failure: Unavailable | None = None
        for target in targets:
            sdp = self._side(audio, target.terms.towards(target.hop.host))
            try:
                session = invite(target, sdp.offer())
            except Unavailable as error:  # we do not listen on its transport, or too many calls are up
                _log.warning("leg %s: one of the phones cannot be called: %s", self.id, error)
                failure = error
                continue
            self._branches[session] = _Branch(target, sdp)
        if failure is not None and not self._branches:
            raise failure

    async def hang_up(self, reason: EndReason = EndReason.NORMAL, *, status: int = 0, cause: int = 0) -> None:
        """As ``SipLeg.hang_up``; no phone rings on."""
        self._silence(NON_SELECTED if self._taken else 16)
        await super().hang_up(reason, status=status, cause=cause)

    def hears(self, session: str) -> bool:
        """As ``SipLeg.hears``; all phones that ring."""
        return session in self._branches or super().hears(session)

    def on_sip(self, event: SipEvent) -> None:
        """As ``OutgoingLeg.on_sip``; before one phone has answered, what each of them says."""
        if isinstance(event, Requested | Responded):
            return  # of no call
        session = event.session
        branch = self._branches.get(session)
        if branch is not None:
            self._on_branch(session, branch, event)
        elif session == self._session:
            super().on_sip(event)

    def _on_branch(self, session: str, branch: _Branch, event: SipEvent) -> None:
        match event:
            case Progressed(status=status, sdp=sdp):
                if status == RINGING:
                    self.when_rings()
                if sdp is not None:
                    self._early(branch, sdp)
            case Answered(sdp=sdp):
                self._picked_up(session, branch, sdp)
            case Refused(unreachable=True) | TimedOut() | HungUp():
                self._lost(session, LegEnd(EndReason.UNAVAILABLE, by_us=False))
            case Refused(status=status, cause=cause):
                self._lost(session, LegEnd(verdict(status, cause), by_us=False, status=status, cause=cause or 0))
            case Offered(sdp=sdp):
                with contextlib.suppress(LegEnded):  # it was faster
                    self._changed(session, branch, sdp)
            case _:
                pass

    def _early(self, branch: _Branch, sdp: bytes) -> None:
        """Kept for a 200 without SDP; nobody hears what a phone plays before it answers."""
        try:
            branch.stream = branch.sdp.take_answer(sdp)
        except NegotiationError as error:
            _log.info("leg %s: an early answer cannot be used: %s", self.id, error)

    def _changed(self, session: str, branch: _Branch, offer: bytes | None) -> None:
        """It offers anew before it answers (RFC 3311 §5.2): agreed to, though nobody hears it yet."""
        try:
            if offer is None:
                answer = branch.sdp.offer()
            else:
                answer, branch.stream = branch.sdp.answer(offer)
        except NegotiationError as error:
            _log.info("leg %s: a phone's change before its answer was refused: %s", self.id, error)
            self._stack.reject_offer(session, 488, self._warning(error))
            return
        self._stack.answer_offer(session, answer)

    def flow_lost(self, hop: Hop) -> None:
        """The connection to ``hop`` is gone: the phones that only it could reach ring no more (RFC 5626 §5.3)."""
        for session, branch in tuple(self._branches.items()):
            if session in self._branches and branch.target.goes_with(hop):
                self._stack.hang_up(session)
                self._lost(session, LegEnd(EndReason.UNAVAILABLE, by_us=False))

    def _picked_up(self, session: str, branch: _Branch, sdp: bytes | None) -> None:
        try:
            stream = branch.settle(sdp)
        except NegotiationError as error:
            _log.warning("leg %s: a phone's answer cannot be used: %s", self.id, error)
            status, cause = INCOMPATIBLE.status, INCOMPATIBLE.cause
            self._stack.hang_up(session, cause)
            self._lost(session, LegEnd(EndReason.ERROR, by_us=True, status=status, cause=cause))
            return
        del self._branches[session]
        self._taken = True
        self._session, self._sdp = session, branch.sdp
        self._silence(NON_SELECTED)
        self._spawn(self._take_over(stream))

    async def _take_over(self, stream: Stream) -> None:
        async with self._in_order:
            if self._end is None:
                await self._set_stream(stream)
        self._come_up()

    def _lost(self, session: str, refusal: LegEnd) -> None:
        """One phone less; the end, where it was the last one or its owner wants no call at all."""
        self._branches.pop(session, None)
        self._drop(session)
        if self._refusal is None or _weight(refusal) < _weight(self._refusal):
            self._refusal = refusal
        if refusal.status >= 600:
            self._silence(NON_SELECTED)
        if not self._branches:
            self._finish(self._refusal)

    def _fall_silent(self) -> None:
        """See ``OutgoingLeg``; at every phone."""
        self._silence(NON_SELECTED)

    def _silence(self, cause: int) -> None:
        """End every phone that rings still."""
        while self._branches:
            session, _ = self._branches.popitem()
            self._stack.hang_up(session, cause)
            self._drop(session)


def _weight(end: LegEnd) -> int:
    """The lower, the more it says: his word for all his phones, his word at one, no such phone, a fault, silence."""
    if end.status >= 600:
        return 0
    if end.status in _HIS_WORD:
        return 1
    if end.status in _NO_SUCH_PHONE:
        return 2
    return 3 if end.status else 4
