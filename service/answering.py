"""Listens to calls that we make, before and just after the answer: what answers? (``campaigns.ports.Listener``)

The recogniser hears what is said, the media worker the tones; what they mean is decided by ``asr.progress``. Whatever
fails here (no recogniser, no audio) leaves the call to itself, as if nobody had listened.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Collection
from typing import Final, Protocol

from asr.progress.announcements import Announcements, all_announcements
from asr.progress.classifier import Progress
from asr.progress.evidence import (
    Answered,
    EarlyMedia,
    Evidence,
    SpeechBegins,
    TimePasses,
    ToneSounds,
    WordsHeard,
)
from asr.progress.verdict import Verdict, What
from asr.progress.words import Words
from asr.protocol import FollowingEars, Heard, NothingHeard, SoundsLike, SpeechStarted
from campaigns.attempt import Announced
from core.errors import CallRejected, LegEnded, LocalProtocolError, TransactionTimeout, Unavailable
from service.config_model import Config
from service.exchange import Exchange
from telephony import ports
from telephony.media.port import ToneHeard
from telephony.ports import EndReason, Leg

_log = logging.getLogger("line400.service")
EVERY_S: Final = 1.0
"""So often it is asked what an announcement sounds like, which is said within ``EVERY_S`` and the time to decode it."""
UTTERANCE_S: Final = 12.0
"""A longer announcement is heard in pieces."""
LAST_WORDS_S: Final = 10.0
"""Carriers say why, and then refuse the call, or our patience ends: what was said just before is waited for while the
recogniser has something of it left, but no longer than this (``docs/answered.md``).
"""
TONES_BEFORE: Final = ("ringback", "busy", "congestion", "ced")
TONES_AFTER: Final = ("busy", "beep", "cng", "ced")
_PAUSE_S: Final = 1.0
_TO_GO_ON: Final = frozenset({What.RINGING, What.PERSON})


class Tones(Protocol):
    """The tones on one leg (``telephony.audio.LegAudio``)."""

    async def listen(self, tones: Collection[str]) -> None:
        """Look for ``tones`` from now on; none: no more."""
        ...

    def watch_tones(self, watcher: Callable[[ToneHeard], None]) -> Callable[[], None]:
        """Call ``watcher`` with each; the returned function ends that."""
        ...


class Answering:
    """Implements ``campaigns.ports.Listener``. ``tones_of`` gives the tones of a leg by its id; ``ears`` None: tones
    alone, before the answer. ``after`` False: whoever has answered is a person.
    """

    def __init__(
        self,
        early: ports.EarlyMedia,
        tones_of: Callable[[str], Tones | None],
        ears: FollowingEars | None,
        words: Words,
        *,
        after: bool = True,
    ) -> None:
        self._early = early
        self._tones_of = tones_of
        self._ears = ears
        self._words = words
        self._after = after and ears is not None

    async def reach(self, dialling: Awaitable[Leg], call_id: str) -> Leg:
        """See ``campaigns.ports.Listener``."""
        loop = asyncio.get_running_loop()
        sounds: asyncio.Future[Leg] = loop.create_future()

        def begun(leg: Leg) -> None:
            if not sounds.done():  # the first trunk of a group that sends sound and then takes no call is heard no more
                sounds.set_result(leg)

        forget = self._early.watch_early(call_id, begun)
        dial = asyncio.ensure_future(dialling)
        listening = asyncio.create_task(self._before(sounds))
        reached: Leg | None = None
        try:
            await asyncio.wait({dial, listening}, return_when=asyncio.FIRST_COMPLETED)
            if self._ears is not None and sounds.done() and dial.done() and _in_vain(dial):
                await asyncio.wait({listening}, timeout=LAST_WORDS_S)
            settled = dial.done() and not _in_vain(dial)
            if settled or not listening.done() or (verdict := listening.result()) is None:
                reached = await dial
                return reached
            dial.cancel()
            await asyncio.gather(dial, return_exceptions=True)
            if not dial.cancelled() and dial.exception() is None:  # answered in that very moment
                reached = dial.result()
                return reached
            _log.info("call %s: %s: %s", call_id, verdict.what.value, verdict.why)
            raise Announced(verdict.what)
        finally:
            forget()
            dial.cancel()
            listening.cancel()
            await asyncio.gather(dial, listening, return_exceptions=True)
            if reached is None and not dial.cancelled() and dial.exception() is None:
                await dial.result().hang_up(EndReason.CANCELLED)

    async def answered_by(self, leg: Leg) -> What:
        """See ``campaigns.ports.Listener``."""
        if not self._after:
            return What.PERSON
        progress = Progress(self._words)
        ended = asyncio.create_task(leg.wait_ended())
        listening = asyncio.create_task(self._listen(leg, progress, TONES_AFTER, Answered))
        try:
            await asyncio.wait({ended, listening}, return_when=asyncio.FIRST_COMPLETED)
            if not listening.done() or (verdict := listening.result()) is None:  # who hangs up has said enough
                return What.PERSON
            _log.info("call %s: answered by %s: %s", leg.call_id, verdict.what.value, verdict.why)
            return verdict.what
        finally:
            for task in (ended, listening):
                task.cancel()
            await asyncio.gather(ended, listening, return_exceptions=True)

    async def _before(self, sounds: asyncio.Future[Leg]) -> Verdict | None:
        """What the network says before the answer; None where it has said nothing that ends the attempt."""
        verdict = await self._listen(await sounds, Progress(self._words), TONES_BEFORE, EarlyMedia)
        return verdict if verdict is not None and verdict.what not in _TO_GO_ON else None

    async def _listen(
        self, leg: Leg, progress: Progress, tones: Collection[str], begin: Callable[[float], Evidence]
    ) -> Verdict | None:
        """Everything that is heard on ``leg``, until it is decided; None where it has ended and nothing decides."""
        loop = asyncio.get_running_loop()
        evidence: asyncio.Queue[Evidence | None] = asyncio.Queue()
        source = self._tones_of(leg.id)
        unwatch = source.watch_tones(lambda heard: _tone(heard, evidence, loop.time())) if source is not None else None
        progress.take(begin(loop.time()))
        words = asyncio.create_task(self._follow(leg, evidence))
        try:
            if source is not None:
                with contextlib.suppress(LocalProtocolError, Unavailable):
                    await source.listen(tones)
            while (verdict := progress.verdict) is None:
                left_s = progress.due_s - loop.time()
                try:
                    async with asyncio.timeout(max(0.0, left_s) if left_s < float("inf") else None):
                        heard = await evidence.get()
                    if heard is None:
                        return None
                    progress.take(heard)
                except TimeoutError:
                    progress.take(TimePasses(loop.time()))
            return verdict
        finally:
            words.cancel()
            await asyncio.gather(words, return_exceptions=True)
            if unwatch is not None:
                unwatch()
            if source is not None and leg.end is None:
                with contextlib.suppress(LocalProtocolError, Unavailable):
                    await source.listen(())

    async def _follow(self, leg: Leg, evidence: asyncio.Queue[Evidence | None]) -> None:
        """Put what is said on ``leg`` into ``evidence``, utterance after utterance; None once it has ended and nothing
        of it is left to be worked out.
        """
        if self._ears is None:
            return
        while leg.end is None:
            try:
                again = await self._utterance(leg, self._ears, evidence)
            except (LegEnded, LocalProtocolError, Unavailable, OSError) as error:
                again = False
                if leg.end is None:
                    _log.info("call %s: nobody listens: %s", leg.call_id, error)
            if not again and leg.end is None:
                await asyncio.sleep(_PAUSE_S)
        evidence.put_nowait(None)

    async def _utterance(self, leg: Leg, ears: FollowingEars, evidence: asyncio.Queue[Evidence | None]) -> bool:
        """One of them; False where the recogniser is away."""
        now = asyncio.get_running_loop().time
        listening = await ears.follow((), every_s=EVERY_S, no_speech_s=0.0, max_s=UTTERANCE_S)
        try:
            await leg.start_tap(listening.tap)
            while True:
                match await listening.next_said():
                    case SpeechStarted():
                        evidence.put_nowait(SpeechBegins(now()))
                    case SoundsLike(text=text):
                        evidence.put_nowait(WordsHeard(now(), text, over=False))
                    case Heard(text=text):
                        evidence.put_nowait(WordsHeard(now(), text, over=True))
                        return True
                    case NothingHeard():
                        return False
        finally:
            try:
                if leg.end is None:
                    await leg.stop_tap()
            finally:
                await listening.close()


def listener_of(config: Config, exchange: Exchange, ears: FollowingEars | None) -> Answering | None:
    """As the configuration wants it; None where nobody is to listen."""
    told = config.asr
    if told.what_answered == "off":
        return None
    known = all_announcements(told.announcements) if ears is not None else Announcements(())
    after = told.what_answered == "all"
    return Answering(exchange.switchboard, exchange.room.leg, ears, Words(known), after=after)


def _tone(heard: ToneHeard, evidence: asyncio.Queue[Evidence | None], now: float) -> None:
    if not heard.over:
        evidence.put_nowait(ToneSounds(now, heard.tone))


def _in_vain(dial: asyncio.Future[Leg]) -> bool:
    """Refused, or rung for as long as it may."""
    return not dial.cancelled() and isinstance(dial.exception(), CallRejected | TransactionTimeout)
