"""SRTP and SRTCP of one leg (RFC 3711; AES-GCM: RFC 7714), by libsrtp through pylibsrtp.

``SrtpContext`` makes protected packets of plain ones and back. It stands between a leg and its sockets, so that the leg
knows plain RTP only: what arrives is told from forgeries before anything is learnt from it, above all the place it
comes from. pylibsrtp is imported with the first context, so a house without SRTP does not pay for it.
"""

from collections import deque
from typing import TYPE_CHECKING, Final

from core.errors import ParseError
from telephony.media.port import SrtpKeys
from telephony.rtp.packet import HEADER, PLAIN

if TYPE_CHECKING:
    from pylibsrtp import Session

KEY_OCTETS: Final = {
    "AES_CM_128_HMAC_SHA1_80": 16 + 14,
    "AES_CM_128_HMAC_SHA1_32": 16 + 14,
    "AEAD_AES_128_GCM": 16 + 12,
    "AEAD_AES_256_GCM": 32 + 12,
}
"""The crypto-suites that we know, and the octets of master key and master salt of each (RFC 4568 6.2, RFC 7714 12)."""

MAX_SOURCES: Final = 8
"""Synchronisation sources of the far end whose state is kept; with one more, the oldest is forgotten."""

_FIRST_RTCP: Final = 192
_LAST_RTCP: Final = 223
_HALF: Final = 0x8000
_WIND: Final = 0x4000


def check_keys(keys: SrtpKeys) -> None:
    """``ParseError`` for a suite that we do not have, or a key of the wrong length."""
    octets = KEY_OCTETS.get(keys.suite)
    if octets is None:
        raise ParseError(f"no SRTP suite {keys.suite!r}; known: {', '.join(KEY_OCTETS)}")
    for name, key in (("send_key", keys.send_key), ("receive_key", keys.receive_key)):
        if len(key) != octets:
            raise ParseError(f"{name} of {keys.suite} must have {octets} octets with its salt, not {len(key)}")


class _Rollover:
    """How often the sequence numbers of the newest source have wrapped: a re-keying must go on from there.

    RFC 3711 section 3.3.1: the rollover counter is not reset by a new master key.
    """

    __slots__ = ("count", "newest", "ssrc")

    def __init__(self) -> None:
        self.ssrc = b""
        self.newest = b""
        self.count = 0

    def follow(self, packet: bytes) -> bool:
        """Take note of a plain packet; True where its source is another than that of the one before."""
        sequence = packet[2:4]
        if packet[8:12] != self.ssrc:
            self.ssrc, self.newest, self.count = packet[8:12], sequence, 0
            return True
        step = (int.from_bytes(sequence) - int.from_bytes(self.newest)) & 0xFFFF
        if 0 < step < _HALF:
            if sequence < self.newest:
                self.count += 1
            self.newest = sequence
        return False

    def blanks(self) -> list[bytes]:
        """Packets that lead a new context from its beginning to the newest index; none where nothing wrapped yet."""
        if not self.count:
            return []
        end = self.count << 16 | int.from_bytes(self.newest)
        ssrc = int.from_bytes(self.ssrc)
        return [HEADER.pack(PLAIN, 0, index & 0xFFFF, 0, ssrc) + b"\0" for index in (*range(0, end, _WIND), end)]


class SrtpContext:
    """The keys of one leg at work. ``forged``, ``replayed`` and ``malformed`` count what was refused on arrival.

    ``ParseError`` for keys that are none (see ``check_keys``).
    """

    __slots__ = (
        "_heard",
        "_keys",
        "_receivers",
        "_sender",
        "_sources",
        "_spoken",
        "forged",
        "malformed",
        "replayed",
    )

    def __init__(self, keys: SrtpKeys) -> None:
        check_keys(keys)
        self.forged = 0
        self.replayed = 0
        self.malformed = 0
        self._keys = keys
        self._sender = _session(keys.suite, keys.send_key, sends=True)
        self._receivers = [_session(keys.suite, keys.receive_key, sends=False)]
        self._spoken = _Rollover()
        self._heard = _Rollover()
        self._sources: deque[bytes] = deque()

    @property
    def refused(self) -> int:
        """Packets that were not taken."""
        return self.forged + self.replayed + self.malformed

    def rekey(self, keys: SrtpKeys) -> None:
        """Use ``keys`` from now on; nothing changes for a key that stays. ``ParseError`` as at the beginning.

        What still comes under the old key is taken until the first packet under the new one. A far end that wrongly
        begins again with rollover counter 0 is understood too.
        """
        check_keys(keys)
        before, self._keys = self._keys, keys
        if (before.suite, before.send_key) != (keys.suite, keys.send_key):
            self._sender = _session(keys.suite, keys.send_key, sends=True)
            for blank in self._spoken.blanks():
                self._sender.protect(blank)
        if (before.suite, before.receive_key) != (keys.suite, keys.receive_key):
            self._receivers = [*self._receivers_of(keys), self._receivers[-1]]

    def _receivers_of(self, keys: SrtpKeys) -> list["Session"]:
        fresh = _session(keys.suite, keys.receive_key, sends=False)
        blanks = self._heard.blanks()
        if not blanks:
            return [fresh]
        wound = _session(keys.suite, keys.receive_key, sends=False)
        winder = _session(keys.suite, keys.receive_key, sends=True)
        for blank in blanks:
            wound.unprotect(winder.protect(blank))
        return [wound, fresh]

    def protect(self, packet: bytes) -> bytes | None:
        """The SRTP packet of an RTP packet; None where libsrtp refuses it (sent twice, too old, over 1.3 kB)."""
        try:
            protected = self._sender.protect(packet)
        except (_error(), ValueError):
            return None
        self._spoken.follow(packet)
        return protected

    def protect_rtcp(self, packet: bytes) -> bytes | None:
        """The SRTCP packet of a compound RTCP packet; None where libsrtp refuses it."""
        try:
            return self._sender.protect_rtcp(packet)
        except (_error(), ValueError):
            return None

    def unprotect(self, packet: bytes) -> bytes | None:
        """The RTP packet in an SRTP packet; None, counted, for one that is forged, came before or is none."""
        plain: bytes | None
        try:
            plain = self._receivers[0].unprotect(packet)
        except (_error(), ValueError) as error:
            plain = self._under_another_key(packet)
            if plain is None:
                self._count(error)
                return None
        else:
            if len(self._receivers) > 1:
                del self._receivers[1:]
        if self._heard.follow(plain):
            self._remember(plain[8:12])
        return plain

    def unprotect_any(self, packet: bytes) -> bytes | None:
        """What came on a port that RTP and RTCP may share (RFC 5761 section 4 tells them apart), in plain."""
        if len(packet) > 1 and _FIRST_RTCP <= packet[1] <= _LAST_RTCP:
            return self.unprotect_rtcp(packet)
        return self.unprotect(packet)

    def _under_another_key(self, packet: bytes) -> bytes | None:
        for index, receiver in enumerate(self._receivers[1:], 1):
            try:
                plain = receiver.unprotect(packet)
            except (_error(), ValueError):
                continue
            if index < len(self._receivers) - 1:  # the last is the old key, which may still be followed by a new one
                self._receivers = [receiver]
            return plain
        return None

    def unprotect_rtcp(self, packet: bytes) -> bytes | None:
        """The compound RTCP packet in an SRTCP packet; None, counted, as with ``unprotect``."""
        failures: list[Exception] = []
        for receiver in self._receivers:
            try:
                return receiver.unprotect_rtcp(packet)
            except (_error(), ValueError) as error:
                failures.append(error)
        self._count(failures[0])
        return None

    def _count(self, error: Exception) -> None:
        text = str(error)
        if text.startswith("authentication failure"):
            self.forged += 1
        elif text.startswith("replay check failed"):
            self.replayed += 1
        else:
            self.malformed += 1

    def _remember(self, ssrc: bytes) -> None:
        """libsrtp keeps state for each source for ever; a far end that invents new ones must not fill our memory."""
        if ssrc in self._sources:
            return
        self._sources.append(ssrc)
        if len(self._sources) > MAX_SOURCES:
            oldest = int.from_bytes(self._sources.popleft())
            for receiver in self._receivers:
                try:
                    receiver.remove_stream(oldest)
                except _error():  # that receiver never heard it
                    continue


def _error() -> type[Exception]:
    from pylibsrtp import Error  # noqa: PLC0415 - see the head of this file

    return Error


def _session(suite: str, key: bytes, *, sends: bool) -> "Session":
    from pylibsrtp import Policy, Session  # noqa: PLC0415 - see the head of this file

    profiles = {
        "AES_CM_128_HMAC_SHA1_80": Policy.SRTP_PROFILE_AES128_CM_SHA1_80,
        "AES_CM_128_HMAC_SHA1_32": Policy.SRTP_PROFILE_AES128_CM_SHA1_32,
        "AEAD_AES_128_GCM": Policy.SRTP_PROFILE_AEAD_AES_128_GCM,
        "AEAD_AES_256_GCM": Policy.SRTP_PROFILE_AEAD_AES_256_GCM,
    }
    direction = Policy.SSRC_ANY_OUTBOUND if sends else Policy.SSRC_ANY_INBOUND
    return Session(Policy(key=key, ssrc_type=direction, srtp_profile=profiles[suite]))
