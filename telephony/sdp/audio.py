"""One audio section in our terms: codecs, events, comfort noise, packet lengths; how it is read and made."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from telephony.rtp.formats import FORMATS, AudioFormat
from telephony.sdp.sdes import Crypto
from telephony.sdp.session import Attribute, Encoding, MediaDescription

EVENT: Final = "TELEPHONE-EVENT"
COMFORT: Final = "CN"
PLAIN_CLOCK_HZ: Final = 8000
_DEFAULT_PTIME_MS: Final = 20
_EVENT_TYPES: Final = {8000: 101, 48000: 102}
"""What we propose for telephone-event, by its clock."""
_DYNAMIC: Final = range(96, 128)
_BY_ENCODING: Final = {(form.name.upper(), form.clock_hz): form for form in FORMATS.values()}


def audio_types(media: MediaDescription) -> dict[str, int]:
    """Our codecs that the section names, with their payload types, in its order."""
    found: dict[str, int] = {}
    for payload_type, encoding in media.encodings.items():
        form = _BY_ENCODING.get((encoding.name, encoding.rate_hz))
        # some write opus/48000 without the two channels of RFC 7587; nobody means another codec by it
        if form and _is_payload_type(payload_type) and encoding.channels in {1, form.channels}:
            found.setdefault(form.name, int(payload_type))
    return found


def event_types(media: MediaDescription) -> dict[int, int]:
    """The payload types of telephone-event, by clock in Hz."""
    return _types_of(media, EVENT)


def comfort_type(media: MediaDescription) -> int | None:
    """The payload type of comfort noise (RFC 3389) beside a codec of 8 kHz."""
    return _types_of(media, COMFORT).get(PLAIN_CLOCK_HZ)


def event_of(media: MediaDescription, form: AudioFormat) -> tuple[int | None, int]:
    """The payload type and clock of telephone-event beside the codec ``form``.

    The clock must be the codec's (RFC 4733 section 2.1); some that speak Opus know only the one of 8 kHz all the same.
    """
    known = event_types(media)
    for clock_hz in (form.clock_hz, PLAIN_CLOCK_HZ):
        if clock_hz in known:
            return known[clock_hz], clock_hz
    return None, form.clock_hz


def ptime_of(media: MediaDescription, form: AudioFormat) -> int:
    """How much audio the section's owner wants in a packet, as far as we can: 10 to 60 ms, not over its maxptime."""
    wanted = media.ptime_ms or _DEFAULT_PTIME_MS
    longest = media.maxptime_ms or wanted
    return form.nearest_ptime(min(wanted, longest))


def offered_section(
    port: int,
    profile: str,
    codecs: Sequence[str],
    *,
    known: Mapping[Encoding, int],
    crypto: Sequence[Crypto],
    direction: str,
) -> MediaDescription:
    """An offer of ``codecs``, best first. ``known`` are numbers that the session has used (RFC 3264 section 8.3.2)."""
    forms = [FORMATS[name] for name in codecs]
    encodings = [encoding_of(form) for form in forms]
    clocks = dict.fromkeys([PLAIN_CLOCK_HZ, *(form.clock_hz for form in forms)])  # the plain one is what all know
    events = [Encoding(EVENT, clock_hz) for clock_hz in clocks]
    wanted = [form.payload_type for form in forms] + [_EVENT_TYPES[clock_hz] for clock_hz in clocks]
    types = _numbers([*encodings, *events], wanted, known)
    return _section(
        port,
        profile,
        [(types[encoding], form) for encoding, form in zip(encodings, forms, strict=True)],
        events=[(types[event], event.rate_hz) for event in events],
        ptime_ms=_DEFAULT_PTIME_MS,
        crypto=crypto,
        more=[(direction, None)],
    )


def answered_section(
    offered: MediaDescription,
    port: int,
    form: AudioFormat,
    *,
    ptime_ms: int,
    crypto: Sequence[Crypto],
    direction: str,
) -> MediaDescription:
    """An answer to ``offered`` that takes the codec ``form``, by the offer's payload types.

    Comfort noise is not taken up, though it is understood where it comes all the same: with it a far end would leave
    out its silence, and whoever it is relayed to would hear the line go dead between words.
    """
    event_type, event_clock_hz = event_of(offered, form)
    more: list[Attribute] = [(direction, None)]
    if offered.has_flag("rtcp-mux"):
        more.append(("rtcp-mux", None))
    return _section(
        port,
        offered.profile,
        [(audio_types(offered)[form.name], form)],
        events=[] if event_type is None else [(event_type, event_clock_hz)],
        ptime_ms=ptime_ms,
        crypto=crypto,
        more=more,
    )


def encoding_of(form: AudioFormat) -> Encoding:
    """As the ``rtpmap`` of ``form`` is read."""
    return Encoding(form.name.upper(), form.clock_hz, form.channels)


def _section(
    port: int,
    profile: str,
    codecs: Iterable[tuple[int, AudioFormat]],
    *,
    events: Iterable[tuple[int, int]],
    ptime_ms: int,
    crypto: Sequence[Crypto],
    more: Sequence[Attribute],
) -> MediaDescription:
    formats: list[str] = []
    attributes: list[Attribute] = []
    for payload_type, form in codecs:
        formats.append(str(payload_type))
        attributes.append(("rtpmap", f"{payload_type} {form.encoding}"))
        if form.parameters:
            attributes.append(("fmtp", f"{payload_type} {form.parameters}"))
    for payload_type, clock_hz in events:
        formats.append(str(payload_type))
        attributes += [("rtpmap", f"{payload_type} telephone-event/{clock_hz}"), ("fmtp", f"{payload_type} 0-15")]
    attributes += [("crypto", line.to_text()) for line in crypto]
    attributes += [("ptime", str(ptime_ms)), *more]
    return MediaDescription("audio", port, profile, tuple(formats), None, tuple(attributes))


def _numbers(
    encodings: Sequence[Encoding], wanted: Sequence[int], known: Mapping[Encoding, int]
) -> dict[Encoding, int]:
    """A payload type for each: the one it has had, else what is wanted, else a dynamic one that is free."""
    taken = set(known.values())
    numbers: dict[Encoding, int] = {}
    for encoding, wish in zip(encodings, wanted, strict=True):
        number = known.get(encoding)
        if number is None:
            number = wish if wish not in taken else next(free for free in _DYNAMIC if free not in taken)
        numbers[encoding] = number
        taken.add(number)
    return numbers


def _types_of(media: MediaDescription, name: str) -> dict[int, int]:
    found: dict[int, int] = {}
    for payload_type, encoding in media.encodings.items():
        if encoding.name == name and encoding.channels == 1 and _is_payload_type(payload_type):
            found.setdefault(encoding.rate_hz, int(payload_type))
    return found


def _is_payload_type(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 3 and int(text) <= 127
