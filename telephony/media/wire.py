"""The media port over a byte stream (version 1): framing, and commands, replies and events as JSON.

A frame is a u32 length (network byte order) and that many bytes of UTF-8 JSON, one object. Media speaks first:
``{"hello": 1}`` with its port version. Control sends ``{"id": n, "do": "Play", "with": {…}}``; media answers each
command once, in order, with ``{"id": n}``, ``{"id": n, "gave": "Address" | "LegStats", "with": {…}}`` or
``{"id": n, "error": "unavailable" | "protocol", "text": "…"}``, and sends ``{"event": "DigitPressed", "with": {…}}``
whenever something happens. Either side ends by closing its direction. Frames over 1 MiB end the connection.
"""

import json
import struct
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Final, TypeAlias, TypeVar

from core.errors import LocalProtocolError, ParseError, Unavailable
from core.tap import TapTarget
from telephony.media import commands as c
from telephony.media.port import (
    Address,
    DigitPressed,
    LegStats,
    MediaEvent,
    PlayEnded,
    RecordingClosed,
    RtpSilent,
    Stream,
)

MAX_FRAME: Final = 1 << 20
_LENGTH: Final = struct.Struct("!I")

Json: TypeAlias = "str | int | float | bool | list[Json] | dict[str, Json] | None"
Built = TypeVar("Built")
Gift: TypeAlias = "Address | LegStats | None"


@dataclass(frozen=True, slots=True)
class Hello:
    """The first word of media: the port version that it speaks."""

    version: int


@dataclass(frozen=True, slots=True)
class Asked:
    """One command with the number under which control waits for the answer."""

    id: int
    command: c.Command


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to command ``id``: what it gave, or the ``error`` it raised (None where it went well)."""

    id: int
    gave: Gift = None
    error: Unavailable | LocalProtocolError | None = None


@dataclass(frozen=True, slots=True)
class Happened:
    """An event."""

    event: MediaEvent


Message: TypeAlias = Hello | Asked | Answered | Happened

_COMMANDS: Final[dict[str, Callable[..., c.Command]]] = {
    kind.__name__: kind
    for kind in (
        c.Open,
        c.Update,
        c.Play,
        c.Stop,
        c.Bridge,
        c.Unbridge,
        c.Record,
        c.StopRecord,
        c.Tap,
        c.Untap,
        c.SendDigits,
        c.Close,
    )
}
_EVENTS: Final[dict[str, Callable[..., MediaEvent]]] = {
    kind.__name__: kind for kind in (DigitPressed, PlayEnded, RtpSilent, RecordingClosed)
}
_GIFTS: Final[dict[str, Callable[..., Address | LegStats]]] = {"Address": Address, "LegStats": LegStats}


def pack(message: Message) -> bytes:
    """The frame of ``message``."""
    body = json.dumps(_plain(message), ensure_ascii=False, separators=(",", ":")).encode()
    return _LENGTH.pack(len(body)) + body


def _plain(message: Message) -> dict[str, object]:
    match message:
        case Hello(version):
            return {"hello": version}
        case Asked(number, command):
            return {"id": number, "do": type(command).__name__, "with": asdict(command)}
        case Answered(number, _, Unavailable() as error):
            return {"id": number, "error": "unavailable", "text": str(error)}
        case Answered(number, _, LocalProtocolError() as error):
            return {"id": number, "error": "protocol", "text": str(error)}
        case Answered(number, None, _):
            return {"id": number}
        case Answered(number, gave, _):
            return {"id": number, "gave": type(gave).__name__, "with": asdict(gave)}  # type: ignore[arg-type]
        case Happened(event):
            return {"event": type(event).__name__, "with": asdict(event)}


def unpack(body: bytes) -> Message:
    """The message in a frame's body; ``ParseError`` for anything else."""
    try:
        values: Json = json.loads(body)
    except ValueError:
        raise ParseError("not JSON", where="media port") from None
    if not isinstance(values, dict):
        raise ParseError("not an object", where="media port")
    try:
        return _message(values)
    except (KeyError, TypeError, ValueError) as error:
        raise ParseError(f"not a message of port version 1: {error}", where="media port") from None


def _message(values: dict[str, Json]) -> Message:
    if "hello" in values:
        return Hello(_integer(values["hello"]))
    if "event" in values:
        return Happened(_EVENTS[_text(values["event"])](**_object(values["with"])))
    number = _integer(values["id"])
    if "do" in values:
        return Asked(number, _COMMANDS[_text(values["do"])](**_command_fields(_object(values["with"]))))
    if "error" in values:
        text = _text(values["text"])
        return Answered(
            number, error=Unavailable(text) if values["error"] == "unavailable" else LocalProtocolError(text)
        )
    if "gave" in values:
        return Answered(number, gave=_GIFTS[_text(values["gave"])](**_object(values["with"])))
    return Answered(number)


def _command_fields(values: dict[str, Json]) -> dict[str, object]:
    fields: dict[str, object] = dict(values)
    if "clips" in values:
        clips = values["clips"]
        if not isinstance(clips, list):
            raise TypeError("clips must be a list")
        fields["clips"] = tuple(_text(clip) for clip in clips)
    if "target" in values:
        fields["target"] = _of(TapTarget, values["target"])
    if "stream" in values:
        stream = _object(values["stream"])
        remote = _of(Address, stream.pop("remote"))
        fields["stream"] = _of(lambda **rest: Stream(remote, **rest), stream)
    return fields


def _of(kind: Callable[..., Built], values: Json) -> Built:
    return kind(**_object(values))


def _object(value: Json) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise TypeError("an object is needed")
    return value


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise TypeError("text is needed")
    return value


def _integer(value: Json) -> int:
    if not isinstance(value, int):
        raise TypeError("a number is needed")
    return value


class Deframer:
    """Cuts a byte stream into frame bodies."""

    __slots__ = ("_buffer",)

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[bytes]:
        """The bodies that are complete with ``data``; ``ParseError`` for a frame over ``MAX_FRAME``."""
        buffer = self._buffer
        buffer += data
        bodies: list[bytes] = []
        start = 0
        while len(buffer) - start >= _LENGTH.size:
            (length,) = _LENGTH.unpack_from(buffer, start)
            if length > MAX_FRAME:
                raise ParseError(f"frame of {length} bytes", where="media port")
            end = start + _LENGTH.size + length
            if len(buffer) < end:
                break
            bodies.append(bytes(buffer[start + _LENGTH.size : end]))
            start = end
        del buffer[:start]
        return bodies
