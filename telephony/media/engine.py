"""The engine of one worker: it does what the commands say to legs, recorders and taps, and runs their 20 ms tick.

It has no loop and reads no clock: ``loop`` sets ``clock`` before it hands in packets, commands and ticks. Relayed
packets never wait for the tick (see ``leg``).
"""

import ipaddress
import logging
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from core.audio import FRAME_SAMPLES
from core.errors import LocalProtocolError, ParseError
from core.tap import TapTarget
from telephony.media import commands as c
from telephony.media.background import Background
from telephony.media.codecs import load_wide
from telephony.media.desk import Desk
from telephony.media.ears import Ears
from telephony.media.heard import Channel, HeardTrack
from telephony.media.leg import Line, MediaLeg
from telephony.media.native import feed_taps, speak
from telephony.media.player import Player
from telephony.media.plays import Plays
from telephony.media.port import (
    Address,
    DigitPressed,
    LegStats,
    MediaEvent,
    RecordingClosed,
    RecordingFaulty,
    RtpSilent,
    SrtpKeys,
    Stream,
)
from telephony.media.recorder import Recorder
from telephony.media.sender import LegSender
from telephony.media.taps import TapLines, TapSender
from telephony.media.track import Clock, Track
from telephony.rtp.formats import format_named

_log = logging.getLogger("line400.media")
WATCH_TICKS: Final = 25


class LegPort(Line, Protocol):
    """The port of a leg as the engine handles it (``sockets.LegSocket``)."""

    @property
    def port(self) -> int:
        """Its number."""
        ...

    def watch(self, leg: MediaLeg) -> None:
        """Hand what comes to ``leg``."""
        ...

    def secure(self, keys: SrtpKeys | None) -> None:
        """SRTP with ``keys`` from now on, None: plain RTP; ``ParseError`` for keys that are none."""
        ...

    def close(self) -> None:
        """Free it."""
        ...


class Ports(Protocol):
    """Where legs get their ports (``sockets.SocketPool``)."""

    def open(self) -> LegPort:
        """A free pair of ports; ``Unavailable`` if there is none."""
        ...


class Engine:
    """All legs of one worker. ``clock`` is set by the loop; ``entropy(n)`` gives n unpredictable bytes;
    ``emit`` takes the events; ``began_at`` is when the clock began, in seconds since 1970.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        host: str,
        ports: Ports,
        emit: Callable[[MediaEvent], None],
        entropy: Callable[[int], bytes],
        wake: Callable[[], None],
        rtp_silent_s: float = 10.0,
        began_at: float = 0.0,
    ) -> None:
        self.clock = clock
        self._host = host
        self._ports = ports
        self._emit = emit
        self._entropy = entropy
        self._rtp_silent_s = rtp_silent_s
        self._began_at = began_at
        self._legs: dict[str, MediaLeg] = {}
        self._ports_of: dict[str, LegPort] = {}
        self._talking: dict[str, LegSender] = {}
        self._recorders: dict[str, Recorder] = {}
        self._heard: dict[str, list[HeardTrack]] = {}  # by the leg that hears
        self._taps: dict[str, TapSender] = {}
        self._ears = Ears(emit)
        self._disk = Background("disk", wake)
        self._loader = Background("clips", wake)
        self._wide_loaded = False
        self._plays = Plays(self._loader, emit, self._begin_play)
        self._desk = Desk(self._legs, emit, self._hears)
        self._tap_lines = TapLines()
        self._ticks = 0

    # Commands

    def do(self, command: c.Command) -> Address | LegStats | None:
        """Carry out ``command``; ``LocalProtocolError`` and ``Unavailable`` as the port says."""
        gave = self._do(command)
        self._disk.push()
        self._loader.push()
        return gave

    def _do(self, command: c.Command) -> Address | LegStats | None:
        match command:
            case c.Open(leg):
                return self._open(leg)
            case c.Update(leg, stream):
                self._update(self._leg(leg), stream)
            case c.Play(leg):
                self._play(self._leg(leg), command)
            case c.Stop(leg):
                self._stop_all(self._leg(leg))
            case c.Hear(leg, sources):
                self._hear(self._leg(leg), sources)
            case c.Level(leg, gain_db, automatic):
                self._desk.level(self._leg(leg).name, gain_db, automatic=automatic)
            case c.Bridge(left, right):
                self._bridge(self._leg(left), self._leg(right))
            case c.Unbridge(leg):
                self._desk.part(self._leg(leg).name)
            case c.Listen(leg, tones):
                self._listen(self._leg(leg), tones)
            case c.Record(recording, path, left, right):
                self._record(recording, path, self._leg(left), self._leg(right) if right else None)
            case c.StopRecord(recording):
                if recording in self._recorders:
                    self._recorders[recording].stop(self.clock.samples)
            case c.PauseRecord(recording):
                if recording in self._recorders:
                    self._recorders[recording].pause(self.clock.samples)
            case c.ResumeRecord(recording):
                if recording in self._recorders:
                    self._recorders[recording].resume(self.clock.samples)
            case c.SwitchRecord(recording, left, right):
                self._switch(recording, self._leg(left), self._leg(right) if right else None)
            case c.Tap(leg, target):
                self._tap(self._leg(leg), target)
            case c.Untap(leg):
                self._untap(self._leg(leg))
            case c.SendDigits(leg, digits):
                self._send_digits(self._leg(leg), digits)
            case c.Close(leg):
                return self._close(self._leg(leg))
        return None

    def _leg(self, name: str) -> MediaLeg:
        leg = self._legs.get(name)
        if leg is None:
            raise LocalProtocolError(f"no leg {name} at the media port")
        return leg

    def _open(self, name: str) -> Address:
        if name in self._legs:
            raise LocalProtocolError(f"leg {name} is open already")
        pair = self._ports.open()
        leg = MediaLeg(name, pair, self.clock, self._entropy, self._leg_says, began_at=self._began_at)
        self._legs[name] = leg
        self._ports_of[name] = pair
        self._ears.opened(name, self.clock.samples)
        pair.watch(leg)
        return Address(self._host, pair.port)

    def _leg_says(self, event: MediaEvent) -> None:
        if isinstance(event, DigitPressed) and not event.inband:  # a tone is in the mix as it is
            for talker in self._desk.key(event.leg, event.digit):
                self._talking[talker.name] = talker.sender
        self._emit(event)

    def _update(self, leg: MediaLeg, stream: Stream) -> None:
        try:
            ipaddress.ip_address(stream.remote.host)  # a name would have to be looked up, and that waits
            format_named(stream.codec)
            self._ports_of[leg.name].secure(stream.crypto)
        except (ValueError, ParseError) as error:
            raise LocalProtocolError(f"leg {leg.name}: {error}") from None
        before = leg.format
        if format_named(stream.codec).is_wide and not self._wide_loaded:
            self._wide_loaded = True
            self._loader.submit(load_wide)  # before they are needed: no packet shall wait for it
        leg.update(stream)
        if leg.format is not before:
            self._desk.changed(leg.name)

    def _play(self, leg: MediaLeg, command: c.Play) -> None:
        keys = self._plays.check(command)
        self._stop(leg, over=command.over)
        self._plays.start(command, keys)

    def _begin_play(self, name: str, player: Player, over: bool) -> None:
        if over:
            self._desk.play_over(name, player)
            return
        sender = self._legs[name].sender
        sender.play(player)
        self._talking[name] = sender

    def _stop(self, leg: MediaLeg, *, over: bool) -> None:
        """Stop what plays in place of what ``leg`` hears, or what plays over that."""
        if over:
            self._desk.play_over(leg.name, None)
        else:
            leg.sender.play(None)
        self._plays.stop(leg.name, over=over)

    def _stop_all(self, leg: MediaLeg) -> None:
        self._stop(leg, over=False)
        self._stop(leg, over=True)

    def _hear(self, leg: MediaLeg, sources: Mapping[str, float]) -> None:
        self._desk.hear(leg.name, sources)
        if sources:
            self._stop(leg, over=False)

    def _bridge(self, left: MediaLeg, right: MediaLeg) -> None:
        self._desk.bridge(left.name, right.name)
        self._stop_all(left)
        self._stop_all(right)

    def _send_digits(self, leg: MediaLeg, digits: str) -> None:
        try:
            leg.sender.press(digits)
        except ValueError:
            raise LocalProtocolError(f"leg {leg.name}: not all characters are keys") from None
        self._talking[leg.name] = leg.sender

    def _record(self, recording: str, path: str, left: MediaLeg, right: MediaLeg | None) -> None:
        if recording in self._recorders:
            raise LocalProtocolError(f"recording {recording} runs already")
        recorder = Recorder(
            recording,
            path,
            self._channels(left, right),
            disk=self._disk,
            closed=self._recording_closed,
            faulty=lambda fault: self._emit(RecordingFaulty(recording, fault)),
        )
        self._recorders[recording] = recorder
        recorder.start(self.clock.samples, phase=len(self._recorders))

    def _channels(self, left: MediaLeg, right: MediaLeg | None) -> tuple[Channel, Channel]:
        if right is None:
            return self._ear(left), self._mouth(left)
        heard = HeardTrack(left.name, right.name, self._ear(right))
        self._heard.setdefault(left.name, []).append(heard)
        self._hears(left.name)
        return self._ear(left), heard

    def _hears(self, name: str) -> None:
        """Leg ``name`` may hear others than before: so do the recordings that hold what it hears."""
        for heard in self._heard.get(name, ()):
            others = {
                self._ear(self._legs[source]): gain_db
                for source, gain_db in self._desk.heard(name).items()
                if source not in (heard.listener, heard.speaker)
            }
            heard.hear(others, self.clock.samples)

    def _switch(self, recording: str, left: MediaLeg, right: MediaLeg | None) -> None:
        if recording in self._recorders:
            self._recorders[recording].switch(self._channels(left, right), self.clock.samples)
            self._forget_tracks()

    def _recording_closed(self, event: RecordingClosed) -> None:
        self._recorders.pop(event.recording, None)
        self._forget_tracks()
        self._emit(event)

    def _ear(self, leg: MediaLeg) -> Track:
        if leg.ear is None:
            leg.ear = Track(leg.codec, self.clock.samples)
            leg.route()
        return leg.ear

    def _mouth(self, leg: MediaLeg) -> Track:
        if leg.sender.mouth is None:
            leg.sender.mouth = Track(leg.codec, self.clock.samples)
        return leg.sender.mouth

    def _tap(self, leg: MediaLeg, target: TapTarget) -> None:
        try:
            ipaddress.ip_address(target.host)
        except ValueError:
            raise LocalProtocolError(f"leg {leg.name}: a tap needs an IP address") from None
        self._untap(leg)
        try:
            line = self._tap_lines.take(target.host, target.port)
        except OSError as error:
            raise LocalProtocolError(f"leg {leg.name}: no way to the listener: {error.strerror}") from None
        self._taps[leg.name] = TapSender(self._ear(leg), target, line, self.clock.samples, phase=len(self._taps))

    def _untap(self, leg: MediaLeg) -> None:
        tap = self._taps.pop(leg.name, None)
        if tap is not None:
            tap.end(self.clock.samples)
            self._tap_lines.give_back(tap.target.host, tap.target.port)
            if tap.unsent:
                _log.warning("leg %s: the listener did not take %d datagrams of its tap", leg.name, tap.unsent)
            self._forget_tracks()

    def _listen(self, leg: MediaLeg, tones: tuple[str, ...]) -> None:
        if tones:
            self._ears.listen(leg.name, self._ear(leg), tones, self.clock.samples)
            return
        self._ears.forget(leg.name)
        self._forget_tracks()

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

    def _close(self, leg: MediaLeg) -> LegStats:
        self._stop_all(leg)
        self._untap(leg)
        self._ears.closed(leg.name)
        self._desk.close(leg.name)
        self._talking.pop(leg.name, None)
        del self._legs[leg.name]
        stats = leg.end()  # nobody sends through its port any longer
        self._ports_of.pop(leg.name).close()
        return stats

    # The loop's side

    def tick(self, passed: int) -> None:
        """``passed`` ticks of 20 ms have gone by (more than one after a stall)."""
        now = self.clock.samples
        if self._talking:
            speak(list(self._talking.values()), passed, now)
            for name in [name for name, sender in self._talking.items() if not sender.talking]:
                del self._talking[name]
        self._desk.tick(passed, now - now % FRAME_SAMPLES)  # on schedule, however late we are
        for recorder in tuple(self._recorders.values()):
            recorder.tick(now)
        self._disk.push()
        if self._taps:
            feed_taps(list(self._taps.values()), now)
        if self._ears:
            self._ears.tick(now)
        self._watch(min(passed, WATCH_TICKS))

    def _watch(self, passed: int) -> None:
        """Each leg once in ``WATCH_TICKS``, some on each tick, so that no tick does the work of all."""
        legs = list(self._legs.values())
        for _ in range(passed):
            self._ticks = (self._ticks + 1) % WATCH_TICKS
            for leg in legs[self._ticks :: WATCH_TICKS]:
                silence = leg.watch(self._rtp_silent_s)
                if silence is not None:
                    self._emit(RtpSilent(leg.name, silence))

    def collect(self) -> None:
        """Finish in the loop what the threads have done."""
        self._disk.collect()
        self._loader.collect()

    def shut_down(self, timeout_s: float = 4.0) -> None:
        """Close every recording properly and free every port."""
        for recorder in tuple(self._recorders.values()):
            recorder.stop(self.clock.samples)
        if not self._disk.close(timeout_s):
            _log.error("the disk did not take the end of all recordings in time")
        self._loader.close(0.5)
        for leg in self._legs.values():
            leg.end()
        for pair in self._ports_of.values():
            pair.close()
        self._tap_lines.close()
