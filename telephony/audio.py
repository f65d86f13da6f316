"""The audio side of legs: what control knows of playing, keys, taps and recordings, on top of the media port.

``AudioRoom`` is the one subscriber of the port: it hands each media event to the leg or recording that it names.
``LegAudio`` is one leg's share. It knows no SIP.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Final

from core.errors import LegEnded, Unavailable
from core.ids import Ids
from core.tap_target import TapTarget
from telephony.media.port import (
    Address,
    DigitPressed,
    LegQuality,
    LegStats,
    MediaEvent,
    MediaPort,
    PlayEnded,
    QualityReported,
    RecordingClosed,
    RecordingFaulty,
    RtpSilent,
    Stream,
    Tone,
    ToneHeard,
    WorkerLost,
)

_log = logging.getLogger("line400.telephony")
MAX_TYPED_AHEAD: Final = 64
"""Keys kept for a leg until someone asks for them; further ones push out the oldest."""
RECORDING_CLOSE_S: Final = 10.0
"""A file that is not complete so long after the end of its recording has a slow disk, which is an alarm."""
SLOW_END: Final = "the disk is slow: the end of the recording is not written yet"


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
        self._codec = ""
        self._held = False
        self._hold_watchers: list[Callable[[bool], None]] = []
        self.when_scored: Callable[[LegQuality], None] | None = None  # how the leg did lately, where that has changed

    @property
    def codec(self) -> str:
        """What SDP agreed last; "" before it did."""
        return self._codec

    @property
    def held(self) -> bool:
        """True while the far end has put us on hold (it does not want to hear us)."""
        return self._held

    def watch_hold(self, watcher: Callable[[bool], None]) -> Callable[[], None]:
        """Call ``watcher`` whenever the far end holds (True) or resumes (False); the returned function ends that."""
        self._hold_watchers.append(watcher)
        return lambda: self._hold_watchers.remove(watcher)

    async def update(self, stream: Stream) -> None:
        """Tell media what SDP agreed. Keys of a far end that knows no telephone-event are listened for as tones."""
        await self._media.update(self.leg, stream)
        if self._tells_keys != (stream.event_type is not None):
            self._tells_keys = not self._tells_keys
            self._digit_means = ""  # its keys come by other means now
            await self._listen()
        self._codec = stream.codec
        if self._held == stream.send:
            self._held = not stream.send
            for watcher in tuple(self._hold_watchers):
                watcher(self._held)

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

    def on_lost(self) -> None:
        """The worker died or the far end's audio is gone."""
        self._end_plays()
        self._lost()

    def _end_plays(self) -> None:
        for ended in self._plays.values():
            if not ended.done():
                ended.set_result(False)


class Recording:
    """A recording in progress."""

    def __init__(self, recording: str, path: Path, media: MediaPort, faulty: Callable[[str], None]) -> None:
        self.id = recording
        self.path = path
        self.on_faulty = faulty
        self._media = media
        self._closed: asyncio.Future[RecordingClosed] = asyncio.get_running_loop().create_future()

    async def pause(self) -> None:
        """Hold silence from now on; ``Unavailable`` where its worker died."""
        await self._media.pause_record(self.id)

    async def resume(self) -> None:
        """Hold what is said again; ``Unavailable`` where its worker died."""
        await self._media.resume_record(self.id)

    async def switch(self, left: str, right: str = "") -> None:
        """Hold other legs from now on (channels as at ``MediaPort.record``); ``Unavailable`` where its worker died."""
        await self._media.switch_record(self.id, left, right)

    async def stop(self) -> RecordingClosed | None:
        """End it and wait until the file is whole, however long its disk takes (its worker writes it as long as it
        lives; nobody else may touch it); None where the worker died.
        """
        if not self._closed.done():
            try:
                await self._media.stop_record(self.id)
            except Unavailable:
                self.on_lost()
        done, _ = await asyncio.wait({self._closed}, timeout=RECORDING_CLOSE_S)
        if not done:
            self.on_faulty(SLOW_END)
            await asyncio.wait({self._closed})
        return None if self._closed.exception() is not None else self._closed.result()

    def on_closed(self, event: RecordingClosed) -> None:
        """The worker has written the last sample."""
        if not self._closed.done():
            self._closed.set_result(event)

    def on_lost(self) -> None:
        """The worker that wrote it died."""
        if not self._closed.done():
            self._closed.set_exception(Unavailable("the media worker died while recording"))
            self._closed.exception()  # stop() may never be called; that is no error of the event loop's


class AudioRoom:
    """Opens legs and recordings at the media port and hands events to them."""

    def __init__(self, media: MediaPort, ids: Ids) -> None:
        self._media = media
        self._ids = ids
        self._legs: dict[str, LegAudio] = {}
        self._groups: dict[str, dict[str, LegAudio]] = {}
        self._recordings: dict[str, Recording] = {}
        media.subscribe(self._on_event)

    async def open(self, leg: str, *, lost: Callable[[], None], group: str = "") -> LegAudio:
        """A new leg's audio, with its RTP port; ``Unavailable`` where media has no worker or port left.

        Legs of one ``group`` (a call) live on the same media worker: only those can be joined and recorded together.
        """
        near = next(iter(self._groups.get(group, ())), "")
        local = await self._media.open(leg, near=near)
        audio = LegAudio(leg, local, self._media, self._ids, lost, group)
        self._legs[leg] = audio
        if group:
            self._groups.setdefault(group, {})[leg] = audio
        return audio

    async def close(self, audio: LegAudio) -> LegStats | None:
        """End a leg's audio."""
        self._drop(audio.leg)
        return await audio.close()

    def _drop(self, leg: str) -> LegAudio | None:
        """It lives here no more; None where it did not."""
        audio = self._legs.pop(leg, None)
        if audio is not None and audio.group:
            group = self._groups[audio.group]
            del group[leg]
            if not group:
                del self._groups[audio.group]
        return audio

    def leg(self, leg: str) -> LegAudio | None:
        """The audio of a leg that lives here."""
        return self._legs.get(leg)

    def codecs_beside(self, leg: str, group: str) -> tuple[str, ...]:
        """What the other legs of a group speak, those that came first first."""
        spoken = [audio.codec for name, audio in self._groups.get(group, {}).items() if name != leg]
        return tuple(dict.fromkeys(codec for codec in spoken if codec))

    async def bridge(self, left: str, right: str) -> None:
        """Join two legs; ``LegEnded`` where one of them is gone."""
        self._check(left, right)
        await self._media.bridge(left, right)

    async def arrange(self, ears: Mapping[str, Mapping[str, float]]) -> None:
        """Each of these legs hears those at these gains (dB) from now on; ``LegEnded`` where one of them is gone.

        Who is to hear somebody stops hearing music.
        """
        self._check(*ears, *(source for sources in ears.values() for source in sources))
        pair = tuple(ears)
        if len(pair) == 2 and ears[pair[0]] == {pair[1]: 0.0} and ears[pair[1]] == {pair[0]: 0.0}:
            await self._media.bridge(*pair)  # in one go, and out of everybody else's ears
            return
        for leg, sources in ears.items():
            await self._media.hear(leg, sources)

    async def unbridge(self, leg: str) -> None:
        """Part a leg from its partner."""
        if leg in self._legs:  # the end of a leg ends its bridge as well
            await self._media.unbridge(leg)

    async def record(
        self,
        recording: str,
        path: Path,
        left: str,
        right: str = "",
        *,
        faulty: Callable[[str], None] = lambda fault: None,
    ) -> Recording:
        """Begin a recording (channels as at ``MediaPort.record``); ``LegEnded`` where a leg is gone. ``faulty`` is told
        at once what goes wrong with it while it runs.
        """
        self._check(left, *([right] if right else []))
        item = Recording(recording, path, self._media, faulty)
        self._recordings[recording] = item
        try:
            await self._media.record(recording, path, left, right)
        except Unavailable:
            self._recordings.pop(recording, None)
            raise
        return item

    def _check(self, *legs: str) -> None:
        for leg in legs:
            if leg not in self._legs:
                raise LegEnded(f"leg {leg} has no audio any more")

    def _on_event(self, event: MediaEvent) -> None:
        match event:
            case DigitPressed(leg=leg, digit=digit, inband=inband):
                if audio := self._legs.get(leg):
                    audio.pressed(digit, "inband" if inband else "rtp")
            case ToneHeard(leg=leg):
                if audio := self._legs.get(leg):
                    audio.on_tone(event)
            case PlayEnded(leg=leg):
                if audio := self._legs.get(leg):
                    audio.on_play_ended(event)
            case QualityReported(leg=leg, quality=quality):
                if (audio := self._legs.get(leg)) and audio.when_scored is not None:
                    audio.when_scored(quality)
            case RtpSilent(leg=leg, silent_s=silent_s):
                _log.warning("leg %s: no audio for %.0f s, the leg is ended", leg, silent_s)
                if audio := self._legs.get(leg):
                    audio.on_lost()
            case RecordingFaulty(recording=recording, fault=fault):
                _log.error("recording %s: %s", recording, fault)
                if item := self._recordings.get(recording):
                    item.on_faulty(fault)
            case RecordingClosed(recording=recording, fault=fault):
                if fault:
                    _log.error("recording %s ended: %s", recording, fault)
                if item := self._recordings.pop(recording, None):
                    item.on_closed(event)
            case WorkerLost(legs=legs, recordings=recordings):
                _log.error("a media worker died with %d legs and %d recordings", len(legs), len(recordings))
                for name in recordings:
                    if item := self._recordings.pop(name, None):
                        item.on_lost()
                for leg in legs:
                    if audio := self._drop(leg):
                        audio.on_lost()
