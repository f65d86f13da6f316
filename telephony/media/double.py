"""``MediaDouble``: the media port in process, without sockets or sound, for tests of everything above it.

It keeps the rules of the port (what replaces what, which event follows which command), writes every command down in
``commands`` and lets a test play the far end: press keys, end clips, fall silent, kill the worker. Events are handed
to the subscribers at once, in the call that causes them.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from core.errors import LocalProtocolError, Unavailable
from core.tap_target import TapTarget
from telephony.media.commands import (
    Bridge,
    Close,
    Command,
    Hear,
    Level,
    Listen,
    Open,
    PauseRecord,
    Play,
    Record,
    ResumeRecord,
    SendDigits,
    Stop,
    StopRecord,
    SwitchRecord,
    Tap,
    Unbridge,
    Untap,
    Update,
    named_sound,
)
from telephony.media.port import (
    LOUDEST_DB,
    MOST_HEARD,
    Address,
    DigitPressed,
    Gap,
    LegQuality,
    LegStats,
    MediaEvent,
    MediaHandler,
    PlayEnded,
    RecordingClosed,
    RtpSilent,
    Stream,
    Tone,
    ToneHeard,
    WorkerLost,
)

CommandType = TypeVar("CommandType", bound=Command)


@dataclass(slots=True)
class DoubleLeg:
    """What the double knows of one leg: tests read it, the double writes it."""

    address: Address
    stream: Stream | None = None
    playing: Play | None = None
    over: Play | None = None
    hears: dict[str, float] = field(default_factory=dict)
    gain_db: float = 0.0
    automatic: bool = False
    tones: tuple[str, ...] = ()
    tap: TapTarget | None = None

    @property
    def partner(self) -> str:
        """The one leg that is heard here; "" where it is none or many."""
        return next(iter(self.hears)) if len(self.hears) == 1 else ""


class MediaDouble:
    """A ``MediaPort`` for tests. With ``finish_plays`` every clip that does not loop ends as soon as it begins."""

    def __init__(self, *, finish_plays: bool = False) -> None:
        self.commands: list[Command] = []
        self.legs: dict[str, DoubleLeg] = {}
        self.recordings: dict[str, Record] = {}
        self.paused: set[str] = set()
        self.finish_plays = finish_plays
        self.down = False
        self.quality: LegQuality | None = None  # of every leg that is closed
        self._handlers: list[MediaHandler] = []
        self._next_port = 20000
        self._lost_legs: set[str] = set()
        self._once_paused: set[str] = set()

    # What a test does

    def emit(self, event: MediaEvent) -> None:
        """Hand ``event`` to every subscriber."""
        for handler in tuple(self._handlers):
            handler(event)

    def of(self, kind: type[CommandType]) -> list[CommandType]:
        """The commands of one ``kind`` so far, oldest first."""
        return [command for command in self.commands if isinstance(command, kind)]

    def press(self, leg: str, digits: str, *, duration_ms: int = 100, inband: bool = False) -> None:
        """The far end of ``leg`` presses ``digits``, one after the other."""
        for digit in digits:
            self.emit(DigitPressed(leg, digit, duration_ms, inband))

    def sound(self, leg: str, tone: str, began_s: float = 1.0) -> None:
        """The far end of ``leg`` sends ``tone``: said only where it was to be looked for."""
        if tone in self._leg(leg).tones:
            self.emit(ToneHeard(leg, tone, began_s))

    def finish_play(self, leg: str) -> str:
        """What plays on ``leg`` (first what plays over it) has come to its end; its play id. ``LocalProtocolError`` if
        nothing plays.
        """
        state = self._leg(leg)
        playing = state.over or state.playing
        if playing is None:
            raise LocalProtocolError(f"nothing plays on leg {leg}")
        self._end_play(leg, over=playing.over, finished=True)
        return playing.play

    def fall_silent(self, leg: str, silent_s: float = 10.0) -> None:
        """No RTP comes from the far end of ``leg`` any more."""
        self.emit(RtpSilent(leg, silent_s))

    def lose_worker(self) -> None:
        """The worker dies: every leg and recording is lost (one ``WorkerLost``); the next ``open`` works again."""
        event = WorkerLost(tuple(self.legs), tuple(self.recordings))
        self._lost_legs.update(self.legs)
        self.legs.clear()
        self.recordings.clear()
        self.emit(event)

    def playing(self, leg: str) -> tuple[Path, ...]:
        """The files that play on ``leg`` in place of what it hears; empty if none."""
        playing = self._leg(leg).playing
        return tuple(Path(clip) for clip in playing.clips) if playing else ()

    # The port

    def subscribe(self, handler: MediaHandler) -> None:
        """See ``MediaPort``."""
        self._handlers.append(handler)

    async def open(self, leg: str, *, near: str = "") -> Address:
        """See ``MediaPort``; ``Unavailable`` while ``down`` is set."""
        self.commands.append(Open(leg, near))
        if self.down:
            raise Unavailable("no media worker is up")
        if leg in self.legs:
            raise LocalProtocolError(f"leg {leg} is open already")
        self._lost_legs.discard(leg)
        address = Address("127.0.0.1", self._next_port)
        self._next_port += 2
        self.legs[leg] = DoubleLeg(address)
        return address

    async def update(self, leg: str, stream: Stream) -> None:
        """See ``MediaPort``."""
        self.commands.append(Update(leg, stream))
        self._leg(leg).stream = stream

    async def play(
        self, leg: str, play: str, sounds: Sequence[Path | Tone], *, loop: bool = False, over: bool = False
    ) -> None:
        """See ``MediaPort``."""
        command = Play(leg, play, tuple(map(named_sound, sounds)), loop, over)
        self.commands.append(command)
        state = self._leg(leg)
        self._end_play(leg, over=over, finished=False)
        if over:
            state.over = command
        else:
            state.playing = command
        if self.finish_plays and not loop:
            self._end_play(leg, over=over, finished=True)

    async def stop(self, leg: str) -> None:
        """See ``MediaPort``."""
        self.commands.append(Stop(leg))
        self._end_plays(leg)

    async def hear(self, leg: str, sources: Mapping[str, float]) -> None:
        """See ``MediaPort``."""
        self.commands.append(Hear(leg, dict(sources)))
        state = self._leg(leg)
        if len(sources) > MOST_HEARD:
            raise LocalProtocolError(f"leg {leg} cannot hear more than {MOST_HEARD} others")
        for source, gain_db in sources.items():
            self._leg(source)
            if source == leg:
                raise LocalProtocolError(f"leg {leg} cannot hear itself")
            _check_gain(gain_db)
        if sources:
            self._end_play(leg, finished=False)
        state.hears = dict(sources)

    async def level(self, leg: str, gain_db: float = 0.0, *, automatic: bool = False) -> None:
        """See ``MediaPort``."""
        self.commands.append(Level(leg, gain_db, automatic))
        state = self._leg(leg)
        _check_gain(gain_db)
        state.gain_db, state.automatic = gain_db, automatic

    async def bridge(self, left: str, right: str) -> None:
        """See ``MediaPort``."""
        self.commands.append(Bridge(left, right))
        if left == right:
            raise LocalProtocolError(f"leg {left} cannot be bridged to itself")
        first, second = self._leg(left), self._leg(right)
        for leg in (left, right):
            self._end_plays(leg)
            self._part(leg)
        first.hears, second.hears = {right: 0.0}, {left: 0.0}

    async def unbridge(self, leg: str) -> None:
        """See ``MediaPort``."""
        self.commands.append(Unbridge(leg))
        self._leg(leg)
        self._part(leg)

    async def listen(self, leg: str, tones: Collection[str]) -> None:
        """See ``MediaPort``."""
        command = Listen(leg, tuple(sorted(tones)))
        self.commands.append(command)
        self._leg(leg).tones = command.tones

    async def record(self, recording: str, path: Path, left: str, right: str) -> None:
        """See ``MediaPort``; no file is written."""
        command = Record(recording, str(path), left, right)
        self.commands.append(command)
        self._leg(left)
        if right:
            self._leg(right)
        if recording in self.recordings:
            raise LocalProtocolError(f"recording {recording} runs already")
        self.recordings[recording] = command

    async def pause_record(self, recording: str) -> None:
        """See ``MediaPort``."""
        self.commands.append(PauseRecord(recording))
        if recording in self.recordings:
            self.paused.add(recording)
            self._once_paused.add(recording)

    async def resume_record(self, recording: str) -> None:
        """See ``MediaPort``."""
        self.commands.append(ResumeRecord(recording))
        self.paused.discard(recording)

    async def switch_record(self, recording: str, left: str, right: str) -> None:
        """See ``MediaPort``."""
        command = SwitchRecord(recording, left, right)
        self.commands.append(command)
        for leg in (left, right) if right else (left,):
            self._leg(leg)
        if recording in self.recordings:
            self.recordings[recording] = replace(self.recordings[recording], left=left, right=right)

    async def stop_record(self, recording: str) -> None:
        """See ``MediaPort``; the recording lasted 1 s, all of it a gap if it was ever paused."""
        self.commands.append(StopRecord(recording))
        if self.recordings.pop(recording, None) is not None:
            gaps = (Gap(0.0, 1.0, "paused"),) if recording in self._once_paused else ()
            self.paused.discard(recording)
            self._once_paused.discard(recording)
            self.emit(RecordingClosed(recording, 1.0, gaps=gaps))

    async def tap(self, leg: str, target: TapTarget) -> None:
        """See ``MediaPort``."""
        self.commands.append(Tap(leg, target))
        self._leg(leg).tap = target

    async def untap(self, leg: str) -> None:
        """See ``MediaPort``."""
        self.commands.append(Untap(leg))
        self._leg(leg).tap = None

    async def send_digits(self, leg: str, digits: str) -> None:
        """See ``MediaPort``."""
        self.commands.append(SendDigits(leg, digits))
        self._leg(leg)

    async def close(self, leg: str) -> LegStats:
        """See ``MediaPort``; a leg that was lost with its worker is forgotten without an error."""
        self.commands.append(Close(leg))
        if leg in self._lost_legs:
            self._lost_legs.discard(leg)
            return LegStats(0, 0, 0, 0)
        self._end_plays(leg)
        self._part(leg)
        del self.legs[leg]
        return LegStats(0, 0, 0, 0, quality=self.quality)

    def _leg(self, leg: str) -> DoubleLeg:
        if leg in self._lost_legs:
            raise Unavailable(f"the media worker of leg {leg} has died")
        if leg not in self.legs:
            raise LocalProtocolError(f"no leg {leg} at the media port")
        return self.legs[leg]

    def _end_play(self, leg: str, *, finished: bool, over: bool = False) -> None:
        state = self._leg(leg)
        ended = state.over if over else state.playing
        if ended is None:
            return
        if over:
            state.over = None
        else:
            state.playing = None
        self.emit(PlayEnded(leg, ended.play, finished))

    def _end_plays(self, leg: str) -> None:
        for over in (False, True):
            self._end_play(leg, over=over, finished=False)

    def _part(self, leg: str) -> None:
        self.legs[leg].hears = {}
        for state in self.legs.values():
            state.hears.pop(leg, None)


def _check_gain(gain_db: float) -> None:
    if not gain_db <= LOUDEST_DB:  # nor may it be no number
        raise LocalProtocolError(f"a gain of {gain_db} dB is too much: at most {LOUDEST_DB:.0f}")
