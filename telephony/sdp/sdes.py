"""Keys of SRTP in SDP: ``a=crypto`` (SDES, RFC 4568; the GCM suites RFC 7714).

Only what libsrtp can do as it comes: one master key a line, no MKI, and of the session parameters none but the size of
the replay window. A line that asks for more is passed over, as is a suite that is not known (section 6.3).

The keys are as safe as the signalling that carries them: SDES belongs into SIP over TLS.
"""

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from core.errors import ParseError
from telephony.media.port import SrtpKeys

KEY_BYTES: Final = {
    "AES_CM_128_HMAC_SHA1_80": 30,
    "AES_CM_128_HMAC_SHA1_32": 30,
    "AEAD_AES_128_GCM": 28,
    "AEAD_AES_256_GCM": 44,
}
"""The suites that we know, and how long master key and salt are together."""
SUITES: Final = ("AEAD_AES_256_GCM", "AEAD_AES_128_GCM", "AES_CM_128_HMAC_SHA1_80")
"""What we offer and take, best first. The tag of 32 bits is taken by name only: it is weak."""
MAX_LINES: Final = 16
_KEY_TEXT: Final = re.compile(rb"(inline:)([^|;\s]+)", re.IGNORECASE)


class Encryption(Enum):
    """What a trunk or phone wants: ``OPTIONAL`` is RFC 8643 (RTP/AVP with keys: encrypted if both can)."""

    OFF = "off"
    OPTIONAL = "optional"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class Crypto:
    """One line: ``key`` is the master key with its salt after it."""

    tag: int
    suite: str
    key: bytes = field(repr=False)

    def to_text(self) -> str:
        """The value of ``a=crypto``."""
        return f"{self.tag} {self.suite} inline:{base64.b64encode(self.key).decode()}"


def parse_crypto(value: str) -> Crypto:
    """The line in the value of ``a=crypto``; ``ParseError`` where it is malformed or asks for what we cannot do."""
    tag, _, rest = value.strip().partition(" ")
    suite, _, rest = rest.strip().partition(" ")
    keys, _, session = rest.strip().partition(" ")
    if not (tag.isascii() and tag.isdigit() and len(tag) <= 9):
        raise ParseError("a crypto line needs a tag of one to nine digits", where="a=crypto")
    length = KEY_BYTES.get(suite)
    if length is None:
        raise ParseError("a crypto suite that is not known", where="a=crypto")
    method, _, inline = keys.partition(":")
    encoded, *more = inline.split("|")
    if method.lower() != "inline" or ";" in keys or any(":" in part for part in more):
        raise ParseError("only one inline key without MKI is taken", where="a=crypto")
    for parameter in session.split():
        if not parameter.startswith(("WSH=", "-")):
            raise ParseError("a session parameter that is not taken", where="a=crypto")
    try:
        key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except binascii.Error:
        raise ParseError("the key is not base64", where="a=crypto") from None
    if len(key) != length:
        raise ParseError(f"the key of {suite} must have {length} bytes", where="a=crypto")
    return Crypto(int(tag), suite, key)


def usable_lines(values: Iterable[str | None]) -> list[Crypto]:
    """Those of the values of ``a=crypto`` that we can do something with."""
    lines: list[Crypto] = []
    for value in values:
        try:
            lines.append(parse_crypto(value or ""))
        except ParseError:
            continue
        if len(lines) == MAX_LINES:
            break
    return lines


def without_keys(data: bytes) -> bytes:
    """A message for human eyes: as long as it was, every key in its ``a=crypto`` lines replaced."""
    if b"inline:" not in data.lower():
        return data
    return _KEY_TEXT.sub(lambda found: found[1] + b"x" * len(found[2]), data)


class LegKeys:
    """Our keys of one leg, one for each suite, the same for the life of the leg. ``entropy(n)`` gives n random bytes.

    A new description repeats them, so that a re-INVITE does not break the encryption that runs.
    """

    def __init__(self, entropy: Callable[[int], bytes], suites: Sequence[str] = SUITES) -> None:
        self._entropy = entropy
        self._suites = tuple(suites)
        self._keys: dict[str, bytes] = {}

    def offer(self) -> tuple[Crypto, ...]:
        """Our lines, best first."""
        return tuple(Crypto(tag, suite, self._key(suite)) for tag, suite in enumerate(self._suites, 1))

    def answer(self, offered: Sequence[Crypto]) -> tuple[Crypto, SrtpKeys] | None:
        """Our answer to the far end's lines (the first that we take, section 7.1.2), and the keys; None where there is
        none.
        """
        for theirs in offered:
            if theirs.suite in self._suites:
                ours = Crypto(theirs.tag, theirs.suite, self._key(theirs.suite))
                return ours, SrtpKeys(theirs.suite, ours.key, theirs.key)
        return None

    def accept(self, answered: Sequence[Crypto]) -> SrtpKeys | None:
        """The keys, where the far end's answer takes one of our lines (by its tag and suite)."""
        offered = {ours.tag: ours for ours in self.offer()}
        for theirs in answered:
            ours = offered.get(theirs.tag)
            if ours is not None and ours.suite == theirs.suite:
                return SrtpKeys(ours.suite, ours.key, theirs.key)
        return None

    def _key(self, suite: str) -> bytes:
        if suite not in self._keys:
            self._keys[suite] = self._entropy(KEY_BYTES[suite])
        return self._keys[suite]
