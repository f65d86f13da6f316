"""Who reads what the far ends say: the recorders, taps and tone detectors of one worker, and the tracks they read.

A track is laid down as long as somebody reads it, and only so long.
"""

import heapq
import ipaddress
import itertools
import logging
from collections.abc import Callable, Mapping

from core.errors import LocalProtocolError
from core.tap_target import TapTarget
from telephony.media.background import Background
from telephony.media.ears import Ears
from telephony.media.heard import Channel, HeardTrack
from telephony.media.leg import MediaLeg
from telephony.media.native import feed_taps
from telephony.media.port import MediaEvent, RecordingClosed, RecordingFaulty
from telephony.media.recorder import STALL, Recorder
from telephony.media.taps import TapLines, TapSender
from telephony.media.track import Clock, Track

_log = logging.getLogger("line400.media")


class Readers:
    """``legs`` are the engine's; ``heard`` says whom a leg hears at which gains in dB."""

    def __init__(
        self,
        legs: Mapping[str, MediaLeg],
        heard: Callable[[str], Mapping[str, float]],
        clock: Clock,
        *,
        emit: Callable[[MediaEvent], None],
        wake: Callable[[], None],
    ) -> None:
        self._legs = legs
        self._hears = heard
        self._clock = clock
        self._emit = emit
        self._recorders: dict[str, Recorder] = {}
        self._batches: list[tuple[int, int, Recorder]] = []  # a heap: when each takes its next batch
        self._ticked = clock.samples
        self._heard: dict[str, list[HeardTrack]] = {}  # by the leg that hears
        self._taps: dict[str, TapSender] = {}
        self._tap_lines = TapLines()
        self._ears = Ears(emit)
        self._phases = itertools.count()
        self.disk = Background("disk", wake)

    def record(self, recording: str, path: str, left: MediaLeg, right: MediaLeg | None) -> None:
        """See ``MediaPort.record``."""
        if recording in self._recorders:
            raise LocalProtocolError(f"recording {recording} runs already")
        recorder = Recorder(
            recording,
            path,
            self._channels(left, right),
            disk=self.disk,
            closed=self._recording_closed,
            faulty=lambda fault: self._emit(RecordingFaulty(recording, fault)),
        )
        self._recorders[recording] = recorder
        phase = next(self._phases)
        recorder.start(self._clock.samples, phase)
        heapq.heappush(self._batches, (recorder.due, phase, recorder))

    def pause_record(self, recording: str) -> None:
        """See ``MediaPort.pause_record``."""
        if recording in self._recorders:
            self._recorders[recording].pause(self._clock.samples)

    def resume_record(self, recording: str) -> None:
        """See ``MediaPort.resume_record``."""
        if recording in self._recorders:
            self._recorders[recording].resume(self._clock.samples)

    def switch_record(self, recording: str, left: MediaLeg, right: MediaLeg | None) -> None:
        """See ``MediaPort.switch_record``."""
        if recording in self._recorders:
            self._recorders[recording].switch(self._channels(left, right), self._clock.samples)
            self._forget_tracks()

    def stop_record(self, recording: str) -> None:
        """See ``MediaPort.stop_record``."""
        if recording in self._recorders:
            self._recorders[recording].stop(self._clock.samples)

    def _recording_closed(self, event: RecordingClosed) -> None:
        self._recorders.pop(event.recording, None)
        self._forget_tracks()
        self._emit(event)

    def _channels(self, left: MediaLeg, right: MediaLeg | None) -> tuple[Channel, Channel]:
        if right is None:
            return self._ear(left), self._mouth(left)
        heard = HeardTrack(left.name, right.name, self._ear(right))
        self._heard.setdefault(left.name, []).append(heard)
        self.hears(left.name)
        return self._ear(left), heard

    def hears(self, name: str) -> None:
        """Leg ``name`` may hear others than before: so do the recordings that hold what it hears."""
        for heard in self._heard.get(name, ()):
            others = {
                self._ear(self._legs[source]): gain_db
                for source, gain_db in self._hears(name).items()
                if source not in (heard.listener, heard.speaker)
            }
            heard.hear(others, self._clock.samples)

    def tap(self, leg: MediaLeg, target: TapTarget) -> None:
        """See ``MediaPort.tap``."""
        try:
            ipaddress.ip_address(target.host)
        except ValueError:
            raise LocalProtocolError(f"leg {leg.name}: a tap needs an IP address") from None
        self.untap(leg)
        try:
            line = self._tap_lines.take(target.host, target.port)
        except OSError as error:
            raise LocalProtocolError(f"leg {leg.name}: no way to the listener: {error.strerror}") from None
        self._taps[leg.name] = TapSender(self._ear(leg), target, line, self._clock.samples, phase=next(self._phases))

    def untap(self, leg: MediaLeg) -> None:
        """See ``MediaPort.untap``."""
        tap = self._taps.pop(leg.name, None)
        if tap is not None:
            tap.end(self._clock.samples)
            self._tap_lines.give_back(tap.target.host, tap.target.port)
            if tap.unsent:
                _log.warning("leg %s: the listener did not take %d datagrams of its tap", leg.name, tap.unsent)
            self._forget_tracks()

    def listen(self, leg: MediaLeg, tones: tuple[str, ...]) -> None:
        """See ``MediaPort.listen``."""
        if tones:
            self._ears.listen(leg.name, self._ear(leg), tones, self._clock.samples)
            return
        self._ears.forget(leg.name)
        self._forget_tracks()

    def opened(self, leg: MediaLeg) -> None:
        """``leg`` is there."""
        self._ears.opened(leg.name, self._clock.samples)

    def closed(self, leg: MediaLeg) -> None:
        """``leg`` goes: nobody taps it or listens to it any more; recordings go on with silence."""
        self.untap(leg)
        self._ears.closed(leg.name)

    def _ear(self, leg: MediaLeg) -> Track:
        if leg.ear is None:
            leg.ear = Track(leg.codec, self._clock.samples)
            leg.route()
        return leg.ear

    def _mouth(self, leg: MediaLeg) -> Track:
        if leg.sender.mouth is None:
            leg.sender.mouth = Track(leg.codec, self._clock.samples)
        return leg.sender.mouth

    def _forget_tracks(self) -> None:
        """Legs lay nothing down on tracks that nobody reads."""
        channels = [channel for recorder in self._recorders.values() for channel in recorder.tracks]
        used = {id(channel) for channel in channels}
        self._heard = {}
        for channel in channels:
            if isinstance(channel, HeardTrack):
                used |= {id(track) for track in channel.tracks}
                self._heard.setdefault(channel.listener, []).append(channel)
        used |= {id(tap.track) for tap in self._taps.values()}
        used |= {id(track) for track in self._ears.tracks}
        for leg in self._legs.values():
            if leg.ear is not None and id(leg.ear) not in used:
                leg.ear = None
                leg.route()
            if leg.sender.mouth is not None and id(leg.sender.mouth) not in used:
                leg.sender.mouth = None

    def tick(self, now: int) -> None:
        """A tick has come: take what is due, and let the disk have it."""
        if now - self._ticked > STALL:
            for recorder in self._recorders.values():
                recorder.stalled(self._ticked, now)
        self._ticked = now
        self.take(now)
        self.disk.push()
        if self._ears:
            self._ears.tick(now)

    def take(self, now: int) -> None:
        """Take what is due, at a tick or between two: batches of recordings, which the disk gets with the tick, and
        taps.
        """
        while self._batches and self._batches[0][0] <= now:
            _, number, recorder = self._batches[0]
            recorder.tick(now)
            if recorder.ended:
                heapq.heappop(self._batches)
            else:
                heapq.heapreplace(self._batches, (recorder.due, number, recorder))
        if self._taps:
            feed_taps(list(self._taps.values()), now)

    def shut_down(self, timeout_s: float) -> None:
        """Close every recording properly."""
        for recorder in tuple(self._recorders.values()):
            recorder.stop(self._clock.samples)
        if not self.disk.close(timeout_s):
            _log.error("the disk did not take the end of all recordings in time")

    def close(self) -> None:
        """Free what is left."""
        self._tap_lines.close()
