"""What control knows of one leg's audio: what plays, keys that were pressed, tones, hold, a tap. It knows no SIP."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Final

from core.errors import Unavailable
from core.ids import Ids
from core.tap_target import TapTarget
from telephony.media.port import Address, LegQuality, LegStats, MediaPort, PlayEnded, Stream, Tone, ToneHeard

_log = logging.getLogger("line400.telephony")
MAX_TYPED_AHEAD: Final = 64
"""Keys kept for a leg until someone asks for them; further ones push out the oldest."""


def _tell_nobody() -> None:
    """The leg has ended."""


class LegAudio:
    """What one leg hears and says. Made by ``AudioRoom.open``; ``lost`` is called when its audio cannot go on."""

    def __init__(
        self, leg: str, local: Address, media: MediaPort, ids: Ids, lost: Callable[[], None], group: str = ""
    ) -> None:
        self.leg = leg
        self.group = group
        self.local = local
        self._media = media
        self._ids = ids
        self._lost = lost
        self._plays: dict[str, asyncio.Future[bool]] = {}
        self._digits: deque[str] = deque(maxlen=MAX_TYPED_AHEAD)
        self._digit_came = asyncio.Event()
        self._digit_means = ""
        self._tells_keys = True
        self._tones: frozenset[str] = frozenset()
        self._tone_watchers: list[Callable[[ToneHeard], None]] = []
        self._listened_for: frozenset[str] = frozenset()
        self._open = True
        self._stream: Stream | None = None
        self._early = False
        self._held = False
        self._hold_watchers: list[Callable[[bool], None]] = []
        self.when_scored: Callable[[LegQuality], None] | None = None  # how the leg did lately, where that has changed

    @property
    def codec(self) -> str:
        """What SDP agreed last; "" before it did."""
        return self._stream.codec if self._stream is not None else ""

    @property
    def held(self) -> bool:
        """True while the far end has put us on hold (it does not want to hear us)."""
        return self._held

    def watch_hold(self, watcher: Callable[[bool], None]) -> Callable[[], None]:
        """Call ``watcher`` whenever the far end holds (True) or resumes (False); the returned function ends that."""
        self._hold_watchers.append(watcher)
        return lambda: self._hold_watchers.remove(watcher)

    async def update(self, stream: Stream, *, early: bool = False) -> None:
        """Tell media what SDP agreed; ``early``: before the call is answered, when nobody need send anything. Keys of a
        far end that knows no telephone-event are listened for as tones.
        """
        self._stream, self._early = stream, early
        await self._media.update(self.leg, stream)
        if self._tells_keys != (stream.event_type is not None):
            self._tells_keys = not self._tells_keys
            self._digit_means = ""  # its keys come by other means now
            await self._listen()
        if self._held == stream.send:
            self._held = not stream.send
            for watcher in tuple(self._hold_watchers):
                watcher(self._held)

    async def answered(self) -> None:
        """The call is answered: what was agreed early holds, and a far end that is silent from now on is lost."""
        if self._early and self._stream is not None:
            await self.update(self._stream)

    async def listen(self, tones: Collection[str]) -> None:
        """Look for ``tones`` (names of ``MediaPort.listen``) in what the far end sends, and tell ``watch_tones`` of
        them; none: no more.
        """
        self._tones = frozenset(tones)
        await self._listen()

    def watch_tones(self, watcher: Callable[[ToneHeard], None]) -> Callable[[], None]:
        """Call ``watcher`` with each tone that is heard; the returned function ends that."""
        self._tone_watchers.append(watcher)
        return lambda: self._tone_watchers.remove(watcher)

    async def _listen(self) -> None:
        tones = self._tones if self._tells_keys else self._tones | {"dtmf"}
        if tones != self._listened_for:
            self._listened_for = tones
            await self._media.listen(self.leg, tones)

    async def play(self, sounds: Sequence[Path | Tone], *, loop: bool = False, over: bool = False) -> bool:
        """See ``telephony.ports.Leg.play``; ``over`` what the leg hears, lowered meanwhile, not in its place."""
        play = self._ids.new("play")
        ended: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._plays[play] = ended
        try:
            await self._media.play(self.leg, play, sounds, loop=loop, over=over)
            return await ended
        except asyncio.CancelledError:
            await self.stop()
            raise
        finally:
            self._plays.pop(play, None)

    async def stop(self) -> None:
        """Stop what plays; no error once the leg is closed."""
        if self._open:
            await self._media.stop(self.leg)

    async def level(self, gain_db: float = 0.0, *, automatic: bool = False) -> None:
        """How loud everybody else hears this leg (see ``MediaPort.level``); no error once it is closed."""
        if self._open:
            await self._media.level(self.leg, gain_db, automatic=automatic)

    async def next_digit(self) -> str:
        """The next key, waiting for it where none is there."""
        while not self._digits:
            self._digit_came.clear()
            await self._digit_came.wait()
        return self._digits.popleft()

    def clear_digits(self) -> None:
        """Forget keys nobody asked for."""
        self._digits.clear()

    def pressed(self, digit: str, means: str) -> None:
        """A key came by ``means`` (rtp, info or inband). Phones that send it by several count once: the first means is
        believed, until SDP agrees to others.
        """
        self._digit_means = self._digit_means or means
        if means == self._digit_means:
            self._digits.append(digit)
            self._digit_came.set()

    async def start_tap(self, target: TapTarget) -> None:
        """Send what the far end says to ``target``."""
        await self._media.tap(self.leg, target)

    async def stop_tap(self) -> None:
        """End the tap; no error once the leg is closed."""
        if self._open:
            await self._media.untap(self.leg)

    async def close(self) -> LegStats | None:
        """Free the port; None where the worker is gone already. Nobody is told anything any more."""
        self._open = False
        self._end_plays()
        self._lost, self.when_scored = _tell_nobody, None
        try:
            return await self._media.close(self.leg)
        except Unavailable:
            return None

    def on_play_ended(self, event: PlayEnded) -> None:
        """A playing is over."""
        ended = self._plays.get(event.play)
        if ended is not None and not ended.done():
            ended.set_result(event.finished)

    def on_tone(self, event: ToneHeard) -> None:
        """A tone was heard."""
        for watcher in tuple(self._tone_watchers):
            watcher(event)

    def on_silent(self, silent_s: float) -> None:
        """Nothing came from the far end for so long."""
        if not self._early:
            _log.warning("leg %s: no audio for %.0f s, the leg is ended", self.leg, silent_s)
            self.on_lost()

    def on_lost(self) -> None:
        """The worker died or the far end's audio is gone."""
        self._end_plays()
        self._lost()

    def _end_plays(self) -> None:
        for ended in self._plays.values():
            if not ended.done():
                ended.set_result(False)
