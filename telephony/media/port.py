"""The one narrow port between control and media (version 3).

Control says what each leg hears and where its audio goes; media answers with events. The port is asynchronous and
plain data only, so that it runs in process (``telephony.media.double`` in tests), over a local socket to a worker
process, or over TCP to another machine. Every command may raise ``Unavailable`` when the leg's worker has died; the
legs it carried are then named in one ``WorkerLost`` event.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol, TypeAlias

from core.tap_target import TapTarget

PORT_VERSION: Final = 3
SUPPORTED_CODECS: Final = ("PCMA", "PCMU", "G722", "opus")
"""Names as SDP writes them (RFC 3551 section 6, RFC 7587 section 7)."""
MOST_HEARD: Final = 32
"""Legs that one leg can hear at a time: the size of a conference room."""
SILENT_DB: Final = -96.0
"""A gain of this or less is silence."""
LOUDEST_DB: Final = 24.0
"""No gain may be higher."""


@dataclass(frozen=True, slots=True)
class Address:
    """An IP address (text) and UDP port."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class SrtpKeys:
    """What SDES agreed (RFC 4568, RFC 7714): crypto-``suite`` by its name there; each key with its salt after it."""

    suite: str
    send_key: bytes = field(repr=False)
    receive_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Stream:
    """What SDP agreed for one leg. ``codec`` is one of ``SUPPORTED_CODECS``.

    ``send``/``receive`` are from our side: hold by the far end (sendonly or inactive there) makes ``send`` or
    ``receive`` False. Audio is sent to ``remote`` until packets come from elsewhere (symmetric RTP).
    """

    remote: Address
    codec: str
    payload_type: int
    event_type: int | None = None
    """The payload type of telephone-event (RFC 4733)."""
    ptime_ms: int = 20
    """How much goes into each packet that we send: 10 to 60 in tens. Any length is taken."""
    send: bool = True
    receive: bool = True
    event_clock_hz: int = 8000
    """The clock of telephone-event: that of the codec it came with, 48000 beside Opus."""
    comfort_type: int | None = None
    """The payload type of comfort noise (RFC 3389), where it was agreed."""
    rtcp: Address | None = None
    """Where RTCP goes; None: the same host, the port after that of ``remote`` (RFC 3550 section 11)."""
    rtcp_mux: bool = False
    """RTCP comes and goes on the RTP port (RFC 5761)."""
    crypto: SrtpKeys | None = None
    """Keys of SRTP; None: plain RTP."""


@dataclass(frozen=True, slots=True)
class Tone:
    """A sound that is made, not read from a file: ``name`` is one of ``ringback``, ``busy``, ``congestion``, ``dial``
    and ``beep``. The beep ends by itself, the others go on until they are stopped.
    """

    name: str


@dataclass(frozen=True, slots=True)
class StreamQuality:
    """One direction of a leg's RTP over its life: ``loss_fraction`` 0 to 1, ``jitter_ms`` as RFC 3550 6.4.1 defines it,
    ``mos`` (1.0 to 4.5) estimated by the E-model of ITU-T G.107.
    """

    packets: int
    lost: int
    loss_fraction: float
    jitter_ms: float
    mos: float


@dataclass(frozen=True, slots=True)
class LegQuality:
    """How a leg's audio travels: ``received`` as we measure it, ``sent`` and ``round_trip_ms`` from the far end's RTCP
    reports (None while none came).
    """

    received: StreamQuality
    sent: StreamQuality | None = None
    round_trip_ms: float | None = None


@dataclass(frozen=True, slots=True)
class LegStats:
    """Counted over the life of a leg."""

    packets_sent: int
    packets_received: int
    packets_lost: int
    packets_late: int
    packets_refused: int = 0
    """Not RTP, of another payload type, from a place that is not the far end's, or come twice."""
    quality: LegQuality | None = None


@dataclass(frozen=True, slots=True)
class DigitPressed:
    """The far end pressed a key; ``digit`` one of ``0-9*#A-D``; said once per key press. ``inband``: heard as a tone
    (``MediaPort.listen``), not told by RFC 4733.
    """

    leg: str
    digit: str
    duration_ms: int
    inband: bool = False


@dataclass(frozen=True, slots=True)
class ToneHeard:
    """The far end of ``leg`` sends ``tone`` (a name of ``MediaPort.listen``), since ``began_s`` seconds after the leg
    was opened. ``over``: one of ``ringback``, ``busy``, ``congestion`` and ``dial`` that was heard ended then.
    """

    leg: str
    tone: str
    began_s: float
    over: bool = False


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
class QualityReported:
    """How ``leg`` did in the last 10 s or so: told after its first, and then where a score has changed by 0.1 since it
    was last told. ``sent`` is None where the far end has reported nothing lately.
    """

    leg: str
    quality: LegQuality


@dataclass(frozen=True, slots=True)
class Gap:
    """A silent stretch of a recording, in seconds of it. ``why``: ``paused`` on command, ``disk`` (full or too slow) or
    ``stall`` (the worker did not get to run).
    """

    start_s: float
    end_s: float
    why: str


@dataclass(frozen=True, slots=True)
class RecordingFaulty:
    """Something goes wrong with a recording that runs; said at once, while the call goes on."""

    recording: str
    fault: str


@dataclass(frozen=True, slots=True)
class RecordingClosed:
    """The file is complete and its header right; ``duration_s`` of audio. ``fault`` says what went wrong, if any."""

    recording: str
    duration_s: float
    fault: str = ""
    gaps: tuple[Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkerLost:
    """A media worker died; the legs and recordings that it carried are gone (files hold all but the last second)."""

    legs: tuple[str, ...]
    recordings: tuple[str, ...]


MediaEvent: TypeAlias = (
    DigitPressed | ToneHeard | PlayEnded | RtpSilent | QualityReported | RecordingFaulty | RecordingClosed | WorkerLost
)
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

    async def play(
        self, leg: str, play: str, sounds: Sequence[Path | Tone], *, loop: bool = False, over: bool = False
    ) -> None:
        """Begin playing files (mono 16-bit WAV) and tones to the far end of ``leg``, one after the other; replaces what
        plays, and what the leg hears until the end. With ``over`` it is mixed over what the leg hears, which is lowered
        by 12 dB meanwhile; such a play replaces only another of its kind. ``PlayEnded`` follows.
        """
        ...

    async def stop(self, leg: str) -> None:
        """Stop all playing at once; no error if nothing plays."""
        ...

    async def hear(self, leg: str, sources: Mapping[str, float]) -> None:
        """The far end of ``leg`` hears the far ends of these legs from now on, each at a gain in dB, in place of those
        it heard before; none of them: it hears nobody. At most ``MOST_HEARD`` sources. With sources it ends what plays
        in their place (music stops the instant people are joined), not what plays ``over``.

        Two legs that hear just each other at 0 dB in the same codec (or A-law and µ-law) are relayed as packets come;
        everything else is mixed on the tick.
        """
        ...

    async def level(self, leg: str, gain_db: float = 0.0, *, automatic: bool = False) -> None:
        """How loud everybody else hears ``leg``, beside the gains of ``hear``; ``SILENT_DB`` mutes it. ``automatic``
        brings its speech to a common level first.
        """
        ...

    async def bridge(self, left: str, right: str) -> None:
        """Join two legs: each hears just the other at 0 dB. Stops what plays; who was heard before is left alone."""
        ...

    async def unbridge(self, leg: str) -> None:
        """Take ``leg`` out of everybody's ears; it hears nobody until something is played. No error if it was in none.

        A partner of a bridge then hears nothing either.
        """
        ...

    async def listen(self, leg: str, tones: Collection[str]) -> None:
        """Look for tones in what the far end of ``leg`` sends: ``dtmf`` (``DigitPressed`` with ``inband``),
        ``ringback``, ``busy``, ``congestion``, ``dial``, ``beep`` (of an answering machine), ``cng`` and ``ced`` (of
        fax machines; ``ToneHeard``). Replaces what was looked for before; none: nothing more.
        """
        ...

    async def record(self, recording: str, path: Path, left: str, right: str) -> None:
        """Record to a stereo 16-bit 8 kHz WAV: channel 0 what leg ``left``'s far end says; channel 1 what leg
        ``right``'s far end says and whoever else ``left`` hears meanwhile (``hear``), or, if ``right`` is "", what is
        sent to ``left``. Survives kill -9 of all but the last second.
        """
        ...

    async def pause_record(self, recording: str) -> None:
        """Write silence from now on (payment details); the time goes on. Its gap is listed as ``paused``. No error if
        it is paused already or has ended.
        """
        ...

    async def resume_record(self, recording: str) -> None:
        """Write what is said again. No error if it is not paused or has ended."""
        ...

    async def switch_record(self, recording: str, left: str, right: str) -> None:
        """From now on the channels of a recording hold other legs (as ``record``), on the worker where it runs: a
        caller who was put through is one recording. No error if it has ended.
        """
        ...

    async def stop_record(self, recording: str) -> None:
        """End a recording; ``RecordingClosed`` follows when the file is complete."""
        ...

    async def tap(self, leg: str, target: TapTarget) -> None:
        """Send what ``leg``'s far end says to ``target`` (see ``core.tap``) from now on."""
        ...

    async def untap(self, leg: str) -> None:
        """End the tap of ``leg`` (an empty frame is sent); no error if there is none."""
        ...

    async def send_digits(self, leg: str, digits: str) -> None:
        """Send keys to the far end by RFC 4733 (100 ms on, 60 ms off each), as tones where it was not agreed."""
        ...

    async def close(self, leg: str) -> LegStats:
        """End the leg: its port is freed, bridges, playing, taps end. Recordings that use it go on with silence until
        stopped.
        """
        ...
