"""The media port over a byte stream (version 3): framing, and commands, replies and events as JSON.

A frame is a u32 length (network byte order) and that many bytes of UTF-8 JSON, one object. Media speaks first:
``{"hello": 3}`` with its port version. Control sends ``{"id": n, "do": "Play", "with": {…}}``; media answers each
command once, in order, with ``{"id": n}``, ``{"id": n, "gave": "Address" | "LegStats", "with": {…}}`` or
``{"id": n, "error": "unavailable" | "protocol", "text": "…"}``, and sends ``{"event": "DigitPressed", "with": {…}}``
whenever something happens. Either side ends by closing its direction. Frames over 1 MiB end the connection.
"""

import json
import struct
from dataclasses import dataclass
from typing import Final, TypeAlias

from core.errors import LocalProtocolError, ParseError, Unavailable
from telephony.media import commands as c
from telephony.media.plain import Json, from_plain, to_plain
from telephony.media.port import (
    PORT_VERSION,
    Address,
    DigitPressed,
    LegStats,
    MediaEvent,
    PlayEnded,
    QualityReported,
    RecordingClosed,
    RecordingFaulty,
    RtpSilent,
    ToneHeard,
)

MAX_FRAME: Final = 1 << 20
_LENGTH: Final = struct.Struct("!I")

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

_COMMANDS: Final[dict[str, type[c.Command]]] = {
    kind.__name__: kind
    for kind in (
        c.Open,
        c.Update,
        c.Play,
        c.Stop,
        c.Hear,
        c.Level,
        c.Bridge,
        c.Unbridge,
        c.Listen,
        c.Record,
        c.PauseRecord,
        c.ResumeRecord,
        c.SwitchRecord,
        c.StopRecord,
        c.Tap,
        c.Untap,
        c.SendDigits,
        c.Close,
        c.Ping,
    )
}
_EVENTS: Final[dict[str, type[MediaEvent]]] = {
    kind.__name__: kind
    for kind in (DigitPressed, ToneHeard, PlayEnded, RtpSilent, QualityReported, RecordingFaulty, RecordingClosed)
}
_GIFTS: Final[dict[str, type[Address] | type[LegStats]]] = {"Address": Address, "LegStats": LegStats}


def pack(message: Message) -> bytes:
    """The frame of ``message``."""
    body = json.dumps(_plain(message), ensure_ascii=False, separators=(",", ":")).encode()
    return _LENGTH.pack(len(body)) + body


def _plain(message: Message) -> dict[str, Json]:
    match message:
        case Hello(version):
            return {"hello": version}
        case Asked(number, command):
            return {"id": number, "do": type(command).__name__, "with": to_plain(command)}
        case Answered(number, _, Unavailable() as error):
            return {"id": number, "error": "unavailable", "text": str(error)}
        case Answered(number, _, LocalProtocolError() as error):
            return {"id": number, "error": "protocol", "text": str(error)}
        case Answered(number, None, _):
            return {"id": number}
        case Answered(number, gave, _):
            return {"id": number, "gave": type(gave).__name__, "with": to_plain(gave)}
        case Happened(event):
            return {"event": type(event).__name__, "with": to_plain(event)}


def unpack(body: bytes) -> Message:
    """The message in a frame's body; ``ParseError`` for anything else."""
    try:
        values: Json = json.loads(body)
    except (ValueError, RecursionError):
        raise ParseError("not JSON", where="media port") from None
    if not isinstance(values, dict):
        raise ParseError("not an object", where="media port")
    try:
        return _message(values)
    except (KeyError, TypeError, ValueError) as error:
        raise ParseError(f"not a message of port version {PORT_VERSION}: {error}", where="media port") from None


def _message(values: dict[str, Json]) -> Message:
    if "hello" in values:
        return Hello(_integer(values["hello"]))
    if "event" in values:
        return Happened(from_plain(_EVENTS[_text(values["event"])], values["with"]))
    number = _integer(values["id"])
    if "do" in values:
        return Asked(number, from_plain(_COMMANDS[_text(values["do"])], values["with"]))
    if "error" in values:
        text = _text(values["text"])
        return Answered(
            number, error=Unavailable(text) if values["error"] == "unavailable" else LocalProtocolError(text)
        )
    if "gave" in values:
        return Answered(number, gave=from_plain(_GIFTS[_text(values["gave"])], values["with"]))
    return Answered(number)


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
