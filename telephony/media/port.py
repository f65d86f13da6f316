"""The one narrow port between control and media (version 1).

Control says what each leg hears and where its audio goes; media answers with events. The port is asynchronous and
plain data only, so that it runs in process (``telephony.media.double`` in tests), over a local socket to a worker
process, or over TCP to another machine. Every command may raise ``Unavailable`` when the leg's worker has died; the
legs it carried are then named in one ``WorkerLost`` event.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, TypeAlias

from core.tap import TapTarget

PORT_VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Address:
    """An IP address (text) and UDP port."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Stream:
    """What SDP agreed for one leg. ``codec`` is PCMA or PCMU; ``event_type`` the payload type of telephone-event.

    ``send``/``receive`` are from our side: hold by the far end (sendonly or inactive there) makes ``send`` or
    ``receive`` False. Audio is sent to ``remote`` until packets come from elsewhere (symmetric RTP).
    """

    remote: Address
    codec: str
    payload_type: int
    event_type: int | None = None
    ptime_ms: int = 20
    send: bool = True
    receive: bool = True


@dataclass(frozen=True, slots=True)
class LegStats:
    """Counted over the life of a leg."""

    packets_sent: int
    packets_received: int
    packets_lost: int
    packets_late: int
    packets_refused: int = 0
    """Not RTP, of another payload type, from a place that is not the far end's, or come twice."""


@dataclass(frozen=True, slots=True)
class DigitPressed:
    """The far end pressed a key (RFC 4733); ``digit`` one of ``0-9*#A-D``; said once per key press."""

    leg: str
    digit: str
    duration_ms: int


@dataclass(frozen=True, slots=True)
class PlayEnded:
    """The playing ``play`` on ``leg`` is over; ``finished`` False if it was cut short."""

    leg: str
    play: str
    finished: bool


@dataclass(frozen=True, slots=True)
class RtpSilent:
    """No packet came from the far end for ``silent_s`` although it should send."""

    leg: str
    silent_s: float


@dataclass(frozen=True, slots=True)
class RecordingClosed:
    """The file is complete and its header right; ``duration_s`` of audio. ``fault`` says what went wrong, if any."""

    recording: str
    duration_s: float
    fault: str = ""


@dataclass(frozen=True, slots=True)
class WorkerLost:
    """A media worker died; the legs and recordings that it carried are gone (files hold all but the last second)."""

    legs: tuple[str, ...]
    recordings: tuple[str, ...]


MediaEvent: TypeAlias = DigitPressed | PlayEnded | RtpSilent | RecordingClosed | WorkerLost
MediaHandler: TypeAlias = Callable[[MediaEvent], None]


class MediaPort(Protocol):
    """Commands from control to media. Ids (``leg``, ``play``, ``recording``) are chosen by control and unique."""

    def subscribe(self, handler: MediaHandler) -> None:
        """Call ``handler`` (synchronously, must return at once) for every event from now on."""
        ...

    async def open(self, leg: str, *, near: str = "") -> Address:
        """Make a leg with its own RTP port on the worker of leg ``near`` if given; where to send RTP for it."""
        ...

    async def update(self, leg: str, stream: Stream) -> None:
        """Set or change what SDP agreed (answer, hold, resume, codec change)."""
        ...

    async def play(self, leg: str, play: str, clips: Sequence[Path], *, loop: bool = False) -> None:
        """Begin playing files (8 kHz mono 16-bit WAV) to the far end of ``leg``; replaces what plays, and on a bridged
        leg what the partner says until the end. ``PlayEnded`` follows.
        """
        ...

    async def stop(self, leg: str) -> None:
        """Stop playing at once; no error if nothing plays."""
        ...

    async def bridge(self, left: str, right: str) -> None:
        """Join two legs: each hears the other, relayed as packets come (transcoded where codecs differ). Stops what
        plays.
        """
        ...

    async def unbridge(self, leg: str) -> None:
        """Part ``leg`` from its partner; both then hear nothing until something is played. No error if not bridged."""
        ...

    async def record(self, recording: str, path: Path, left: str, right: str) -> None:
        """Record to a stereo 16-bit 8 kHz WAV: channel 0 what leg ``left``'s far end says; channel 1 what leg
        ``right``'s far end says, or, if ``right`` is "", what is sent to ``left``. Survives kill -9 of all but the last
        second.
        """
        ...

    async def stop_record(self, recording: str) -> None:
        """End a recording; ``RecordingClosed`` follows when the file is complete."""
        ...

    async def tap(self, leg: str, target: TapTarget) -> None:
        """Send what ``leg``'s far end says to ``target`` (see ``core.tap``), 20 ms a datagram, from now on."""
        ...

    async def untap(self, leg: str) -> None:
        """End the tap of ``leg`` (an empty frame is sent); no error if there is none."""
        ...

    async def send_digits(self, leg: str, digits: str) -> None:
        """Send keys to the far end by RFC 4733 (100 ms on, 60 ms off each)."""
        ...

    async def close(self, leg: str) -> LegStats:
        """End the leg: its port is freed, bridges, playing, taps end. Recordings that use it go on with silence until
        stopped.
        """
        ...
