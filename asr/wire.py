"""What control and a recogniser worker tell each other: one JSON object a line, over a socket pair that only they have.

Either side treats the end of the stream as the end of the other. Messages are checked on arrival; one that does not fit
is a ``ParseError``: both ends are of one version, so it means a fault.
"""

from dataclasses import dataclass
from typing import Annotated, Final, Literal, TypeAlias

from pydantic import Field, TypeAdapter, ValidationError

from asr.protocol import Transcript, Word
from core.errors import ParseError

MAX_LINE: Final = 16 * 1024 * 1024
"""Bytes; a transcript of three hours is about a quarter of it."""


@dataclass(frozen=True, slots=True)
class Listen:
    """Wait for one utterance on tap ``stream``; see ``asr.protocol.Ears.listen``. ``every_s`` above 0: tell meanwhile
    what it sounds like (``FollowingEars.follow``).
    """

    stream: int
    phrases: tuple[str, ...]
    no_speech_s: float
    max_s: float
    every_s: float = 0.0
    kind: Literal["listen"] = "listen"


@dataclass(frozen=True, slots=True)
class StopListening:
    """Forget ``stream``; nothing more is said of it."""

    stream: int
    kind: Literal["stop"] = "stop"


@dataclass(frozen=True, slots=True)
class Transcribe:
    """Transcribe the recording at ``path``; sealed ones are opened with the key in ``key_file``."""

    job: int
    path: str
    speakers: tuple[str, str]
    key_file: str = ""
    kind: Literal["transcribe"] = "transcribe"


@dataclass(frozen=True, slots=True)
class Ping:
    """Are you there?"""

    kind: Literal["ping"] = "ping"


@dataclass(frozen=True, slots=True)
class Ready:
    """The model is loaded; taps are received at ``port``."""

    engine: str
    port: int
    kind: Literal["ready"] = "ready"


@dataclass(frozen=True, slots=True)
class Began:
    """Somebody began to speak on ``stream``."""

    stream: int
    kind: Literal["began"] = "began"


@dataclass(frozen=True, slots=True)
class Sounds:
    """What is being said on ``stream`` sounds like ``text`` so far."""

    stream: int
    text: str
    kind: Literal["sounds"] = "sounds"


@dataclass(frozen=True, slots=True)
class Over:
    """They have finished; what they said is being worked out."""

    stream: int
    kind: Literal["over"] = "over"


@dataclass(frozen=True, slots=True)
class Understood:
    """What was said on ``stream``; it is closed now."""

    stream: int
    text: str
    words: tuple[Word, ...]
    kind: Literal["understood"] = "understood"


@dataclass(frozen=True, slots=True)
class NothingCame:
    """Nobody spoke on ``stream``; it is closed now."""

    stream: int
    why: str
    kind: Literal["nothing"] = "nothing"


@dataclass(frozen=True, slots=True)
class Transcribed:
    """Job done."""

    job: int
    transcript: Transcript
    kind: Literal["transcribed"] = "transcribed"


@dataclass(frozen=True, slots=True)
class NotTranscribed:
    """The recording itself is at fault: ``why`` in words for people."""

    job: int
    why: str
    kind: Literal["failed"] = "failed"


@dataclass(frozen=True, slots=True)
class Pong:
    """Here; the recogniser has been at one piece of work for ``busy_s`` seconds (0: idle). ``lost``: datagrams of taps
    that did not come (in time) since this was last said.
    """

    busy_s: float
    lost: int = 0
    kind: Literal["pong"] = "pong"


ToWorker: TypeAlias = Listen | StopListening | Transcribe | Ping
FromWorker: TypeAlias = Ready | Began | Sounds | Over | Understood | NothingCame | Transcribed | NotTranscribed | Pong

_to_worker: TypeAdapter[ToWorker] = TypeAdapter(Annotated[ToWorker, Field(discriminator="kind")])
_from_worker: TypeAdapter[FromWorker] = TypeAdapter(Annotated[FromWorker, Field(discriminator="kind")])


def pack_command(message: ToWorker) -> bytes:
    """One line for the worker."""
    return _to_worker.dump_json(message) + b"\n"


def unpack_command(line: bytes) -> ToWorker:
    """The command in ``line``; ``ParseError``."""
    try:
        return _to_worker.validate_json(line)
    except ValidationError as error:
        raise ParseError(f"not a command for a recogniser: {error.error_count()} faults") from None


def pack_report(message: FromWorker) -> bytes:
    """One line for control."""
    return _from_worker.dump_json(message) + b"\n"


def unpack_report(line: bytes) -> FromWorker:
    """The report in ``line``; ``ParseError``."""
    try:
        return _from_worker.validate_json(line)
    except ValidationError as error:
        raise ParseError(f"not a report of a recogniser: {error.error_count()} faults") from None
