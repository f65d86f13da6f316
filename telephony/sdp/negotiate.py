"""Offer and answer, RFC 3264, for one stream of audio with telephone-event (RFC 4733), plain or encrypted by SDES.

The session id must stay and the version must grow by one with every description that differs from the one before (§8);
whoever holds the session keeps both (``telephony.negotiation``).
"""

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final

from core.errors import ParseError, RemoteProtocolError
from telephony.media.port import Address, SrtpKeys, Stream
from telephony.rtp.formats import FORMATS, AudioFormat
from telephony.sdp.audio import (
    PLAIN_CLOCK_HZ,
    answered_section,
    audio_types,
    comfort_type,
    event_of,
    offered_section,
    ptime_of,
)
from telephony.sdp.places import is_nowhere, unfit
from telephony.sdp.sdes import Crypto, Encryption, LegKeys, usable_lines
from telephony.sdp.session import Encoding, MediaDescription, Origin, SessionDescription
from telephony.sdp.warn import Warn

DEFAULT_CODECS: Final = ("PCMA", "PCMU")
"""A-law first: it is what the networks of China and Europe carry."""

_PLAIN_PROFILES: Final = frozenset({"RTP/AVP", "RTP/AVPF"})
_SECURE_PROFILES: Final = frozenset({"RTP/SAVP", "RTP/SAVPF"})


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
    """There is no audio stream that both sides can carry: answer 488 (an offer), or end the call (an answer).

    ``warn`` is the code of RFC 3261 §20.43 that says why.
    """

    def __init__(self, message: str, warn: Warn = Warn.OTHER) -> None:
        super().__init__(message, status=488)
        self.warn = warn


@dataclass(frozen=True, slots=True)
class Security:
    """How a leg wants its audio to be carried; ``keys`` are there unless ``encryption`` is off."""

    encryption: Encryption = Encryption.OFF
    keys: LegKeys | None = None


PLAIN: Final = Security()


def make_offer(
    local: Address,
    *,
    session_id: int,
    version: int = 0,
    codecs: Sequence[str] = DEFAULT_CODECS,
    direction: Direction = Direction.SENDRECV,
    known: Mapping[Encoding, int] | None = None,
    security: Security = PLAIN,
) -> bytes:
    """An offer of audio to be sent to ``local``; ``codecs`` of ``FORMATS``, best first.

    ``known`` are the payload types that the session has used so far: they keep their meaning (§8.3.2).
    """
    media = offered_section(
        local.port,
        "RTP/SAVP" if security.encryption is Encryption.REQUIRED else "RTP/AVP",
        codecs,
        known=known or {},
        crypto=security.keys.offer() if security.keys is not None else (),
        direction=direction.name.lower(),
    )
    return _session(local, session_id, version, (media,)).to_bytes()


def answer_offer(
    offer: SessionDescription,
    local: Address,
    *,
    session_id: int,
    version: int = 0,
    codecs: Sequence[str] = DEFAULT_CODECS,
    prefer: Sequence[str] = (),
    direction: Direction = Direction.SENDRECV,
    security: Security = PLAIN,
    loopback: bool = False,
) -> tuple[bytes, Stream]:
    """Our answer, and what was agreed.

    The first audio section that has one of ``codecs``, an address of our family (IPv4 or IPv6) and the encryption that
    we want is taken, with our best codec (those of ``prefer`` before the others); all others are refused with port 0
    (§6). ``direction`` is what we want; hold by the offerer (sendonly, inactive or c=0.0.0.0) is respected.
    ``loopback``: whether the far end speaks to us over loopback, for only then may its voice live there. Raises
    ``NegotiationError``.
    """
    why = NegotiationError("the offer has no audio, and nothing else is carried here", Warn.MEDIA_TYPE)
    for index, media in enumerate(offer.media):
        if media.kind != "audio" or media.port == 0:
            continue
        form = _common_codec(media, [*(name for name in prefer if name in codecs), *codecs])
        if form is None:
            why = NegotiationError(f"the offer has none of the codecs {', '.join(codecs)}", Warn.MEDIA_FORMAT)
            continue
        address, theirs = _reach(offer, media, loopback=loopback)
        if not _same_family(address, local.host):
            why = NegotiationError("the address for the voice is of another family of IP", Warn.ADDRESS_FORMAT)
            continue
        secured = _answer_crypto(media, security)
        if secured is None:
            wanted = f"{media.profile} with these keys is not spoken (encryption is {security.encryption.value})"
            why = NegotiationError(wanted, Warn.TRANSPORT)
            continue
        crypto, keys = secured
        agreed = direction.meet(theirs)
        answered = answered_section(
            media,
            local.port,
            form,
            ptime_ms=ptime_of(media, form),
            crypto=crypto,
            direction=agreed.name.lower(),
        )
        sections = tuple(answered if other == index else _refused(section) for other, section in enumerate(offer.media))
        mux = media.has_flag("rtcp-mux")
        stream = _agreed(media, form, address, agreed, mux=mux, keys=keys, loopback=loopback)
        return _session(local, session_id, version, sections).to_bytes(), stream
    raise why


def accept_answer(
    offer: SessionDescription, answer: SessionDescription, security: Security = PLAIN, *, loopback: bool = False
) -> Stream:
    """What was agreed when ``answer`` came to our ``offer``; ``NegotiationError`` where no audio is left. ``loopback``
    as in ``answer_offer``.
    """
    for ours, theirs in zip(offer.media, answer.media, strict=False):
        if ours.kind != "audio" or theirs.kind != "audio" or theirs.port == 0:
            continue
        offered = audio_types(ours)
        # the answerer's order: what it lists first is what it wants to be sent (§6.1)
        name = next((name for name in audio_types(theirs) if name in offered), None)
        if name is None:
            continue
        address, direction = _reach(answer, theirs, loopback=loopback)
        agreed = Direction[offer.direction_of(ours).upper()].meet(direction)
        keys = security.keys.accept(usable_lines(theirs.values("crypto"))) if security.keys is not None else None
        if keys is None and security.encryption is Encryption.REQUIRED:
            raise NegotiationError("the answer has no key for the encryption that is required")
        if not _goes_with(ours.profile.upper(), theirs.profile.upper(), keyed=keys is not None):
            raise NegotiationError(f"the answer is {theirs.profile[:40]} to our {ours.profile}", Warn.TRANSPORT)
        mux = ours.has_flag("rtcp-mux") and theirs.has_flag("rtcp-mux")
        return _agreed(theirs, FORMATS[name], address, agreed, mux=mux, keys=keys, loopback=loopback)
    raise NegotiationError("the answer has no audio of what was offered")


def _goes_with(offered: str, answered: str, *, keyed: bool) -> bool:
    """Whether an answer's profile goes with the offer's, which it should repeat (RFC 3264 §6, RFC 4568 §5.1.3).

    Deviations: AVPF for AVP, whose voice is the same; and SAVP with a key of its own (``keyed``) for AVP with keys
    (RFC 8643), for both sides have what they need.
    """
    if answered in _PLAIN_PROFILES:
        return offered in _PLAIN_PROFILES
    return answered in _SECURE_PROFILES and (keyed or offered in _SECURE_PROFILES)


def _agreed(
    theirs: MediaDescription,
    form: AudioFormat,
    address: str,
    direction: Direction,
    *,
    mux: bool,
    keys: SrtpKeys | None,
    loopback: bool,
) -> Stream:
    event_type, event_clock_hz = event_of(theirs, form)
    return Stream(
        Address(address, theirs.port),
        form.name,
        audio_types(theirs)[form.name],
        event_type,
        ptime_of(theirs, form),
        direction.sends,
        direction.receives,
        event_clock_hz,
        comfort_type(theirs) if form.clock_hz == PLAIN_CLOCK_HZ else None,
        None if mux else _rtcp(theirs, address, loopback=loopback),
        mux,
        keys,
    )


def _common_codec(media: MediaDescription, codecs: Sequence[str]) -> AudioFormat | None:
    if media.kind != "audio" or media.port == 0:
        return None
    offered = audio_types(media)
    return next((FORMATS[name] for name in codecs if name in offered), None)


def _answer_crypto(media: MediaDescription, security: Security) -> tuple[tuple[Crypto, ...], SrtpKeys | None] | None:
    """Our crypto lines for the answer and the keys (nothing where it is plain); None where the section will not do."""
    profile = media.profile.upper()
    if profile not in _PLAIN_PROFILES | _SECURE_PROFILES:
        return None
    chosen = security.keys.answer(usable_lines(media.values("crypto"))) if security.keys is not None else None
    if chosen is not None:
        return (chosen[0],), chosen[1]
    if profile in _SECURE_PROFILES or security.encryption is Encryption.REQUIRED:
        return None
    return (), None


def _reach(session: SessionDescription, media: MediaDescription, *, loopback: bool) -> tuple[str, Direction]:
    """The other side's address, and its direction; c=0.0.0.0 is the old way to say "send me nothing" (§8.4).
    ``NegotiationError`` for a place that no voice is sent to.
    """
    try:
        address = session.address_of(media)
        held = is_nowhere(address)
        why = "" if held else unfit(address, loopback=loopback)
    except ParseError as error:
        raise NegotiationError(str(error)) from None
    except ValueError:
        raise NegotiationError("the connection address is no IP address", Warn.ADDRESS_FORMAT) from None
    if why:
        group = ipaddress.ip_address(address).is_multicast
        raise NegotiationError(f"the address for the voice, {address}, {why}", Warn.MULTICAST if group else Warn.OTHER)
    direction = Direction[session.direction_of(media).upper()]
    if held:  # in the one form that the media workers know
        return "::" if ":" in address else "0.0.0.0", Direction((direction.sends, False))
    return address, direction


def _rtcp(media: MediaDescription, address: str, *, loopback: bool) -> Address | None:
    """Where ``a=rtcp`` (RFC 3605) wants RTCP; None where it is missing, makes no sense, names a place that nothing is
    sent to, or says what holds anyway.
    """
    port, _, rest = (media.attribute("rtcp") or "").strip().partition(" ")
    if not (port.isascii() and port.isdigit() and len(port) <= 5 and 0 < int(port) <= 65535):
        return None
    words = rest.split()
    host = words[2] if len(words) == 3 else address
    try:
        if unfit(host, loopback=loopback):
            return None
    except ValueError:
        return None
    if not _same_family(host, address) or (host, int(port)) == (address, media.port + 1):
        return None
    return Address(host, int(port))


def _same_family(address: str, local: str) -> bool:
    """Whether packets can go between the two: there are none from an IPv4 socket to an IPv6 address."""
    try:
        return ipaddress.ip_address(address).version == ipaddress.ip_address(local).version
    except ValueError:
        return True  # we are advertised by name


def _refused(media: MediaDescription) -> MediaDescription:
    return MediaDescription(media.kind, 0, media.profile, media.formats)


def _session(local: Address, session_id: int, version: int, media: tuple[MediaDescription, ...]) -> SessionDescription:
    origin = Origin("line400", str(session_id), str(version), local.host)
    return SessionDescription(origin, media, local.host, "line400")
