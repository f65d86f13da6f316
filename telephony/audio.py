"""Legs' audio and recordings, on top of the media port, whose one subscriber hands each event to whom it names."""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path

from core.errors import LegEnded, Unavailable
from core.ids import Ids
from telephony.leg_audio import LegAudio
from telephony.media.port import (
    DigitPressed,
    LegStats,
    MediaEvent,
    MediaPort,
    PlayEnded,
    QualityReported,
    RecordingClosed,
    RecordingFaulty,
    RtpSilent,
    ToneHeard,
    WorkerLost,
)
from telephony.recording import Recording

_log = logging.getLogger("line400.telephony")


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
                if audio := self._legs.get(leg):
                    audio.on_silent(silent_s)
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
