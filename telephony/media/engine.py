"""The engine of one worker: it does what the commands say to legs and their readers, and runs their 20 ms tick.

It has no loop and reads no clock: ``loop`` sets ``clock`` before it hands in packets, commands and ticks. Relayed
packets never wait for the tick (see ``leg``).
"""

import ipaddress
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from core.audio import FRAME_SAMPLES
from core.errors import LocalProtocolError, ParseError
from telephony.media import commands as c
from telephony.media.background import Background
from telephony.media.codecs import load_wide
from telephony.media.desk import Desk
from telephony.media.leg import MediaLeg
from telephony.media.line import Line
from telephony.media.native import speak
from telephony.media.player import Player
from telephony.media.plays import Plays
from telephony.media.port import Address, DigitPressed, LegStats, MediaEvent, RtpSilent, SrtpKeys, Stream
from telephony.media.readers import Readers
from telephony.media.sender import LegSender
from telephony.media.track import Clock
from telephony.rtp.formats import format_named

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
        self._loader = Background("clips", wake)
        self._wide_loaded = False
        self._plays = Plays(self._loader, emit, self._begin_play)
        self._desk = Desk(self._legs, emit, self._hears_others)
        self._readers = Readers(self._legs, self._desk.heard, clock, emit=emit, wake=wake)
        self._ticks = 0

    # Commands

    def do(self, command: c.Command) -> Address | LegStats | None:
        """Carry out ``command``; ``LocalProtocolError`` and ``Unavailable`` as the port says."""
        gave = self._do(command)
        self._readers.disk.push()
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
                self._readers.listen(self._leg(leg), tones)
            case c.Record(recording, path, left, right):
                self._readers.record(recording, path, self._leg(left), self._leg(right) if right else None)
            case c.StopRecord(recording):
                self._readers.stop_record(recording)
            case c.PauseRecord(recording):
                self._readers.pause_record(recording)
            case c.ResumeRecord(recording):
                self._readers.resume_record(recording)
            case c.SwitchRecord(recording, left, right):
                self._readers.switch_record(recording, self._leg(left), self._leg(right) if right else None)
            case c.Tap(leg, target):
                self._readers.tap(self._leg(leg), target)
            case c.Untap(leg):
                self._readers.untap(self._leg(leg))
            case c.SendDigits(leg, digits):
                self._send_digits(self._leg(leg), digits)
            case c.Close(leg):
                return self._close(self._leg(leg))
            case c.Ping():
                pass
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
        self._readers.opened(leg)
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

    def _hears_others(self, name: str) -> None:
        self._readers.hears(name)

    def _send_digits(self, leg: MediaLeg, digits: str) -> None:
        try:
            leg.sender.press(digits)
        except ValueError:
            raise LocalProtocolError(f"leg {leg.name}: not all characters are keys") from None
        self._talking[leg.name] = leg.sender

    def _close(self, leg: MediaLeg) -> LegStats:
        self._stop_all(leg)
        self._readers.closed(leg)
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
        self._readers.tick(now)
        self._watch(min(passed, WATCH_TICKS))

    def between_ticks(self) -> None:
        """Called between ticks where packets wake the loop anyway: what can be done now is not left to the tick."""
        self._readers.take(self.clock.samples)

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
        self._readers.disk.collect()
        self._loader.collect()

    def shut_down(self, timeout_s: float = 4.0) -> None:
        """Close every recording properly and free every port."""
        self._readers.shut_down(timeout_s)
        self._loader.close(0.5)
        for leg in self._legs.values():
            leg.end()
        for pair in self._ports_of.values():
            pair.close()
        self._readers.close()
