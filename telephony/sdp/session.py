"""Session descriptions, RFC 8866: text to values and back.

Kept: origin, name, connection, times, attributes and media. Read but dropped: information, e-mail, phone, bandwidth,
time zones, keys. Lenient where peers are sloppy: LF line ends, missing ``s=`` or ``t=``, any order before the first m=.
"""

import re
from dataclasses import dataclass
from typing import Final

from core.errors import LocalProtocolError, ParseError

MAX_SDP_BYTES: Final = 65536
MAX_LINES: Final = 512
MAX_MEDIA: Final = 32

_MEDIA: Final = re.compile(r"(\S+) ([0-9]{1,5})(?:/([0-9]{1,5}))? (\S+)((?: \S+)+) ?")
_ORIGIN: Final = re.compile(r"(\S+) (\S+) (\S+) IN IP[46] (\S+) ?")
_CONNECTION: Final = re.compile(r"IN IP[46] ([^\s/]+)(?:/[0-9/]+)? ?")
_DIRECTIONS: Final = frozenset({"sendrecv", "sendonly", "recvonly", "inactive"})

Attribute = tuple[str, str | None]


@dataclass(frozen=True, slots=True)
class Origin:
    """``o=``: who made the session; ``version`` grows with every change."""

    user: str
    session_id: str
    version: str
    address: str


@dataclass(frozen=True, slots=True)
class Encoding:
    """What a payload type stands for; ``name`` in upper case."""

    name: str
    rate_hz: int
    channels: int = 1


_STATIC: Final = {
    "0": Encoding("PCMU", 8000),
    "8": Encoding("PCMA", 8000),
    "9": Encoding("G722", 8000),
    "13": Encoding("CN", 8000),
}
"""RFC 3551 §6, those that we could use."""


@dataclass(frozen=True, slots=True)
class MediaDescription:
    """One ``m=`` section; ``connection`` None where the session's holds; ``formats`` are payload types for RTP."""

    kind: str
    port: int
    profile: str
    formats: tuple[str, ...]
    connection: str | None = None
    attributes: tuple[Attribute, ...] = ()

    def attribute(self, name: str) -> str | None:
        """The value of the first ``a=name:value``; None where missing or a flag."""
        return next((value for key, value in self.attributes if key == name), None)

    def values(self, name: str) -> list[str | None]:
        """The values of all ``a=name:value``, None for flags."""
        return [value for key, value in self.attributes if key == name]

    def has_flag(self, name: str) -> bool:
        """Whether there is ``a=name``."""
        return any(key == name for key, _ in self.attributes)

    @property
    def direction(self) -> str | None:
        """sendrecv, sendonly, recvonly or inactive, as the sender sees it; None where the section does not say."""
        return next((key for key, _ in self.attributes if key in _DIRECTIONS), None)

    @property
    def encodings(self) -> dict[str, Encoding]:
        """The listed payload types that are understood, in the order of preference."""
        mapped = dict(_STATIC)
        for key, value in self.attributes:
            if key == "rtpmap" and value:
                payload_type, _, encoding = value.partition(" ")
                parsed = _encoding(encoding.strip())
                if parsed is not None:
                    mapped[payload_type] = parsed
        return {payload_type: mapped[payload_type] for payload_type in self.formats if payload_type in mapped}

    @property
    def ptime_ms(self) -> int | None:
        """How much audio the sender wants in a packet."""
        return self._milliseconds("ptime")

    @property
    def maxptime_ms(self) -> int | None:
        """How much audio the sender can take in a packet."""
        return self._milliseconds("maxptime")

    def _milliseconds(self, name: str) -> int | None:
        value = (self.attribute(name) or "").strip()
        return int(value) if value.isascii() and value.isdigit() and len(value) < 5 else None


@dataclass(frozen=True, slots=True)
class SessionDescription:
    """A whole description."""

    origin: Origin
    media: tuple[MediaDescription, ...]
    connection: str | None = None
    name: str = "-"
    attributes: tuple[Attribute, ...] = ()

    def address_of(self, media: MediaDescription) -> str:
        """Where media of that section goes; ``ParseError`` where neither it nor the session says."""
        address = media.connection or self.connection
        if address is None:
            raise ParseError("no connection address", where="c=")
        return address

    def direction_of(self, media: MediaDescription) -> str:
        """The direction of that section, by default the session's, by default sendrecv."""
        own = media.direction
        if own is not None:
            return own
        return next((key for key, _ in self.attributes if key in _DIRECTIONS), "sendrecv")

    def to_bytes(self) -> bytes:
        """The text for the wire."""
        origin = self.origin
        lines = [
            "v=0",
            f"o={origin.user} {origin.session_id} {origin.version} IN {_family(origin.address)} {origin.address}",
            f"s={self.name}",
        ]
        if self.connection is not None:
            lines.append(f"c=IN {_family(self.connection)} {self.connection}")
        lines.append("t=0 0")
        lines += [_attribute_line(item) for item in self.attributes]
        for media in self.media:
            lines.append(f"m={media.kind} {media.port} {media.profile} {' '.join(media.formats)}")
            if media.connection is not None:
                lines.append(f"c=IN {_family(media.connection)} {media.connection}")
            lines += [_attribute_line(item) for item in media.attributes]
        if any("\r" in line or "\n" in line for line in lines):
            raise LocalProtocolError("line break inside an SDP line")
        return ("\r\n".join(lines) + "\r\n").encode("utf-8", "surrogateescape")


def parse_sdp(data: bytes) -> SessionDescription:
    """The description in a message body; ``ParseError`` where it is none."""
    if len(data) > MAX_SDP_BYTES:
        raise ParseError(f"SDP larger than {MAX_SDP_BYTES} bytes")
    lines = data.decode("utf-8", "surrogateescape").replace("\r\n", "\n").split("\n")
    while lines and not lines[-1].strip():
        lines.pop()
    if len(lines) > MAX_LINES:
        raise ParseError(f"more than {MAX_LINES} lines of SDP")
    if not lines or lines[0].rstrip() != "v=0":
        raise ParseError("SDP must begin with v=0", where="line 1")
    reader = _Reader()
    for number, line in enumerate(lines[1:], 2):
        try:
            reader.take(line)
        except ParseError as error:
            raise ParseError(str(error), where=f"SDP line {number}") from None
    return reader.finish()


class _Reader:
    """Collects lines into sections."""

    def __init__(self) -> None:
        self.origin: Origin | None = None
        self.name = "-"
        self.connection: str | None = None
        self.attributes: list[Attribute] = []
        self.media: list[MediaDescription] = []
        self.section: re.Match[str] | None = None
        self.section_connection: str | None = None
        self.section_attributes: list[Attribute] = []

    def take(self, line: str) -> None:
        kind, equals, value = line[:1], line[1:2], line[2:]
        if equals != "=" or not kind.isascii() or not kind.isalpha():
            raise ParseError("not of the form x=value")
        if kind == "m":
            self.close_section()
            self.section = _MEDIA.fullmatch(value)
            if self.section is None or int(self.section[2]) > 65535 or len(self.media) >= MAX_MEDIA:
                raise ParseError("malformed m= line")
        elif kind == "c":
            match = _CONNECTION.fullmatch(value)
            if match is None:
                raise ParseError("malformed c= line")
            if self.section is None:
                self.connection = match[1]
            else:
                self.section_connection = match[1]
        elif kind == "a":
            name, colon, text = value.strip().partition(":")
            (self.attributes if self.section is None else self.section_attributes).append(
                (name, text if colon else None)
            )
        elif kind == "o" and self.section is None:
            match = _ORIGIN.fullmatch(value)
            if match is None:
                raise ParseError("malformed o= line")
            self.origin = Origin(match[1], match[2], match[3], match[4])
        elif kind == "s" and self.section is None:
            self.name = value or "-"

    def close_section(self) -> None:
        if self.section is None:
            return
        kind, port, _, profile, formats = self.section.groups()
        self.media.append(
            MediaDescription(
                kind,
                int(port),
                profile,
                tuple(formats.split()),
                self.section_connection,
                tuple(self.section_attributes),
            )
        )
        self.section_connection = None
        self.section_attributes = []

    def finish(self) -> SessionDescription:
        self.close_section()
        if self.origin is None:
            raise ParseError("SDP without o= line")
        return SessionDescription(self.origin, tuple(self.media), self.connection, self.name, tuple(self.attributes))


def _encoding(text: str) -> Encoding | None:
    name, _, rest = text.partition("/")
    rate, _, channels = rest.partition("/")
    channels = channels or "1"
    if not (rate.isascii() and rate.isdigit() and channels.isascii() and channels.isdigit()) or len(rest) > 12:
        return None
    return Encoding(name.upper(), int(rate), int(channels))


def _family(address: str) -> str:
    return "IP6" if ":" in address else "IP4"


def _attribute_line(item: Attribute) -> str:
    name, value = item
    return f"a={name}" if value is None else f"a={name}:{value}"
