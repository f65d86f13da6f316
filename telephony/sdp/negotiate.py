"""Offer and answer, RFC 3264, for one stream of G.711 audio with telephone-event (RFC 4733).

The session id must stay and the version must grow by one with every description that differs from the one before (§8);
whoever holds the session keeps both.
"""

import ipaddress
from collections.abc import Sequence
from enum import Enum
from typing import Final

from core.errors import ParseError, RemoteProtocolError
from telephony.media.port import Address, Stream
from telephony.sdp.session import Encoding, MediaDescription, Origin, SessionDescription

PAYLOAD_TYPES: Final = {"PCMU": 0, "PCMA": 8}
DEFAULT_CODECS: Final = ("PCMA", "PCMU")
"""A-law first: it is what the networks of China and Europe carry."""
EVENT: Final = "TELEPHONE-EVENT"
EVENT_PAYLOAD_TYPE: Final = 101
RATE_HZ: Final = 8000

_PTIMES_MS: Final = (10, 20, 30, 40, 60)
_DEFAULT_PTIME_MS: Final = 20
_PROFILES: Final = frozenset({"RTP/AVP", "RTP/AVPF"})


class Direction(Enum):
    """Which way audio flows, seen from whoever states it: (sends, receives)."""

    SENDRECV = (True, True)
    SENDONLY = (True, False)
    RECVONLY = (False, True)
    INACTIVE = (False, False)

    @property
    def sends(self) -> bool:
        """Whether its owner sends."""
        return self.value[0]

    @property
    def receives(self) -> bool:
        """Whether its owner receives."""
        return self.value[1]

    def meet(self, theirs: "Direction") -> "Direction":
        """What is left for us (self: what we want) of what the other side states for itself."""
        return Direction((self.sends and theirs.receives, self.receives and theirs.sends))


class NegotiationError(RemoteProtocolError):
    """There is no audio stream that both sides can carry: answer 488 (an offer), or end the call (an answer)."""

    def __init__(self, message: str) -> None:
        super().__init__(message, status=488)


def make_offer(
    local: Address,
    *,
    session_id: int,
    version: int = 0,
    codecs: Sequence[str] = DEFAULT_CODECS,
    direction: Direction = Direction.SENDRECV,
) -> bytes:
    """An offer of audio to be sent to ``local``; ``codecs`` of ``PAYLOAD_TYPES``, best first."""
    types = {PAYLOAD_TYPES[name]: name for name in codecs}
    media = _audio(local.port, "RTP/AVP", types, EVENT_PAYLOAD_TYPE, direction=direction, ptime_ms=_DEFAULT_PTIME_MS)
    return _session(local, session_id, version, (media,)).to_bytes()


def answer_offer(
    offer: SessionDescription,
    local: Address,
    *,
    session_id: int,
    version: int = 0,
    codecs: Sequence[str] = DEFAULT_CODECS,
    direction: Direction = Direction.SENDRECV,
) -> tuple[bytes, Stream]:
    """Our answer, and what was agreed.

    The first audio section that has one of ``codecs`` and an address of our family (IPv4 or IPv6) is taken, with our
    best codec; all others are refused with port 0 (§6). ``direction`` is what we want; hold by the offerer (sendonly,
    inactive or c=0.0.0.0) is respected.
    Raises ``NegotiationError``.
    """
    for index, media in enumerate(offer.media):
        codec = _common_codec(media, codecs)
        if codec is None:
            continue
        payload_type, name = codec
        event_type = _event_type(media)
        address, theirs = _reach(offer, media)
        if not _same_family(address, local.host):
            continue
        agreed = direction.meet(theirs)
        ptime_ms = _ptime(media)
        answered = _audio(
            local.port, media.profile, {payload_type: name}, event_type, direction=agreed, ptime_ms=ptime_ms
        )
        sections = tuple(answered if other == index else _refused(section) for other, section in enumerate(offer.media))
        stream = Stream(
            Address(address, media.port), name, payload_type, event_type, ptime_ms, agreed.sends, agreed.receives
        )
        return _session(local, session_id, version, sections).to_bytes(), stream
    raise NegotiationError("the offer has no audio that we can carry")


def accept_answer(offer: SessionDescription, answer: SessionDescription) -> Stream:
    """What was agreed when ``answer`` came to our ``offer``; ``NegotiationError`` where no audio is left."""
    for ours, theirs in zip(offer.media, answer.media, strict=False):
        if ours.kind != "audio" or theirs.kind != "audio" or theirs.port == 0:
            continue
        offered = [encoding.name for encoding in ours.encodings.values() if encoding.name in PAYLOAD_TYPES]
        # the answerer's order: what it lists first is what it wants to be sent (§6.1)
        for payload_type, encoding in theirs.encodings.items():
            if encoding.name in offered and _is_usable(payload_type, encoding):
                address, direction = _reach(answer, theirs)
                agreed = Direction[offer.direction_of(ours).upper()].meet(direction)
                return Stream(
                    Address(address, theirs.port),
                    encoding.name,
                    int(payload_type),
                    _event_type(theirs),
                    _ptime(theirs),
                    agreed.sends,
                    agreed.receives,
                )
    raise NegotiationError("the answer has no audio of what was offered")


def _common_codec(media: MediaDescription, codecs: Sequence[str]) -> tuple[int, str] | None:
    if media.kind != "audio" or media.port == 0 or media.profile.upper() not in _PROFILES:
        return None
    usable = {
        encoding.name: int(payload_type)
        for payload_type, encoding in reversed(media.encodings.items())
        if _is_usable(payload_type, encoding)
    }
    return next(((usable[name], name) for name in codecs if name in usable and name in PAYLOAD_TYPES), None)


def _event_type(media: MediaDescription) -> int | None:
    for payload_type, encoding in media.encodings.items():
        if encoding.name == EVENT and encoding.rate_hz == RATE_HZ and _is_payload_type(payload_type):
            return int(payload_type)
    return None


def _reach(session: SessionDescription, media: MediaDescription) -> tuple[str, Direction]:
    """The other side's address, and its direction; c=0.0.0.0 is the old way to say "send me nothing" (§8.4)."""
    try:
        address = session.address_of(media)
        unspecified = ipaddress.ip_address(address).is_unspecified
    except ParseError as error:
        raise NegotiationError(str(error)) from None
    except ValueError:
        raise NegotiationError("the connection address is no IP address") from None
    direction = Direction[session.direction_of(media).upper()]
    return address, Direction((direction.sends, False)) if unspecified else direction


def _same_family(address: str, local: str) -> bool:
    """Whether packets can go between the two: there are none from an IPv4 socket to an IPv6 address."""
    try:
        return ipaddress.ip_address(address).version == ipaddress.ip_address(local).version
    except ValueError:
        return True  # we are advertised by name


def _ptime(media: MediaDescription) -> int:
    wanted = media.ptime_ms
    return wanted if wanted in _PTIMES_MS else _DEFAULT_PTIME_MS


def _is_payload_type(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 3 and int(text) <= 127


def _is_usable(payload_type: str, encoding: Encoding) -> bool:
    return _is_payload_type(payload_type) and encoding.rate_hz == RATE_HZ and encoding.channels == 1


def _audio(
    port: int, profile: str, types: dict[int, str], event_type: int | None, *, direction: Direction, ptime_ms: int
) -> MediaDescription:
    attributes: list[tuple[str, str | None]] = [
        ("rtpmap", f"{payload_type} {name}/{RATE_HZ}") for payload_type, name in types.items()
    ]
    formats = [str(payload_type) for payload_type in types]
    if event_type is not None:
        attributes += [("rtpmap", f"{event_type} telephone-event/{RATE_HZ}"), ("fmtp", f"{event_type} 0-15")]
        formats.append(str(event_type))
    attributes += [("ptime", str(ptime_ms)), (direction.name.lower(), None)]
    return MediaDescription("audio", port, profile, tuple(formats), None, tuple(attributes))


def _refused(media: MediaDescription) -> MediaDescription:
    return MediaDescription(media.kind, 0, media.profile, media.formats)


def _session(local: Address, session_id: int, version: int, media: tuple[MediaDescription, ...]) -> SessionDescription:
    origin = Origin("line400", str(session_id), str(version), local.host)
    return SessionDescription(origin, media, local.host, "line400")
