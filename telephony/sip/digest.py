"""Digest authentication, what both sides say: RFC 3261 §22, RFC 7616 and RFC 8760 (SHA-256), with ``qop=auth`` or none.
``digest_server`` challenges and checks.

Not done: ``auth-int`` and the ``-sess`` algorithms, which SIP peers do not ask for.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from core.errors import ParseError
from telephony.sip.grammar import QUOTED, TOKEN_CHARS, quote, unquote

MD5: Final = "MD5"
SHA256: Final = "SHA-256"
HASHES: Final = {MD5: hashlib.md5, SHA256: hashlib.sha256}
STRENGTH: Final = (SHA256, MD5)
"""The algorithms that we know, the strongest first."""
MAX_HEADER_LENGTH: Final = 4096

_FIELD: Final = re.compile(rf"\s*([{TOKEN_CHARS}]+)\s*=\s*({QUOTED}|[^\s,\"]+)\s*", re.DOTALL)


def _fields(text: str) -> dict[str, str]:
    """``Digest name=value, …`` as a dict with lower-case names; ``ParseError`` for another scheme or a broken list."""
    scheme, _, rest = text.strip().partition(" ")
    if scheme.lower() != "digest" or len(text) > MAX_HEADER_LENGTH:
        raise ParseError("not a digest header")
    fields: dict[str, str] = {}
    position = 0
    while position < len(rest):
        match = _FIELD.match(rest, position)
        if match is None or match.group(1).lower() in fields:
            raise ParseError("malformed digest header")
        value = match.group(2)
        fields[match.group(1).lower()] = unquote(value) if value[0] == '"' else value
        position = match.end()
        if position < len(rest):
            if rest[position] != ",":
                raise ParseError("malformed digest header")
            position += 1
    return fields


@dataclass(frozen=True, slots=True)
class Challenge:
    """What WWW-Authenticate or Proxy-Authenticate asks for."""

    realm: str
    nonce: str
    algorithm: str = MD5
    qop: tuple[str, ...] = ()
    opaque: str = ""
    stale: bool = False

    def __str__(self) -> str:
        parts = [f"realm={quote(self.realm)}", f"nonce={quote(self.nonce)}", f"algorithm={self.algorithm}"]
        if self.qop:
            parts.append(f'qop="{",".join(self.qop)}"')
        if self.opaque:
            parts.append(f"opaque={quote(self.opaque)}")
        if self.stale:
            parts.append("stale=true")
        return "Digest " + ", ".join(parts)


def parse_challenge(text: str) -> Challenge:
    """The challenge in one header value; ``ParseError`` where it is no digest, or lacks realm or nonce."""
    fields = _fields(text)
    if "realm" not in fields or not fields.get("nonce"):
        raise ParseError("digest challenge without realm or nonce")
    qop = tuple(part.strip().lower() for part in fields.get("qop", "").split(",") if part.strip())
    return Challenge(
        fields["realm"],
        fields["nonce"],
        fields.get("algorithm", MD5).upper(),
        qop,
        fields.get("opaque", ""),
        fields.get("stale", "").lower() == "true",
    )


def choose_challenge(values: Iterable[str], realm: str = "") -> Challenge | None:
    """The strongest challenge among header values that we can meet (of ``realm`` if given); None if there is none."""
    usable = []
    for value in values:
        try:
            challenge = parse_challenge(value)
        except ParseError:
            continue  # another scheme; RFC 8760 §2.4: take what is understood
        if challenge.algorithm in HASHES and (not challenge.qop or "auth" in challenge.qop):
            usable.append(challenge)
    chosen = [challenge for challenge in usable if not realm or challenge.realm == realm]
    return min(chosen, key=lambda challenge: STRENGTH.index(challenge.algorithm), default=None)


def described(values: Iterable[str]) -> str:
    """What challenges ask for, in words for a log: realm and algorithm of each, the first four of them."""
    words = []
    for value in islice(values, 4):
        try:
            challenge = parse_challenge(value)
        except ParseError:
            words.append(f"scheme {value.strip().partition(' ')[0][:20]!r}")
            continue
        qop = f", qop {','.join(challenge.qop)[:20]!r}" if challenge.qop and "auth" not in challenge.qop else ""
        words.append(f"realm {challenge.realm[:80]!r}, algorithm {challenge.algorithm[:20]!r}{qop}")
    return "; ".join(words) or "nothing"


@dataclass(frozen=True, slots=True)
class Authorization:
    """What the client proves; ``qop`` "" for the legacy form without cnonce and nc."""

    user: str
    realm: str
    nonce: str
    uri: str
    response: str
    algorithm: str = MD5
    qop: str = ""
    cnonce: str = ""
    nc: str = ""
    opaque: str = ""

    def __str__(self) -> str:
        parts = [
            f"username={quote(self.user)}", f"realm={quote(self.realm)}", f"nonce={quote(self.nonce)}",
            f"uri={quote(self.uri)}", f'response="{self.response}"', f"algorithm={self.algorithm}",
        ]  # fmt: skip
        if self.qop:
            parts += [f"qop={self.qop}", f"cnonce={quote(self.cnonce)}", f"nc={self.nc}"]
        if self.opaque:
            parts.append(f"opaque={quote(self.opaque)}")
        return "Digest " + ", ".join(parts)


def parse_authorization(text: str) -> Authorization:
    """What one Authorization header value says; ``ParseError`` where it is no digest or misses something."""
    fields = _fields(text)
    missing = [name for name in ("username", "realm", "nonce", "uri", "response") if name not in fields]
    if missing:
        raise ParseError(f"digest without {', '.join(missing)}")
    return Authorization(
        fields["username"],
        fields["realm"],
        fields["nonce"],
        fields["uri"],
        fields["response"].lower(),
        fields.get("algorithm", MD5).upper(),
        fields.get("qop", "").lower(),
        fields.get("cnonce", ""),
        fields.get("nc", "").lower(),
        fields.get("opaque", ""),
    )


def digest_response(authorization: Authorization, method: str, password: str) -> str:
    """RFC 7616 §3.4.1: the hex digest that belongs into ``response``; ``ParseError`` for an unknown algorithm."""
    function = HASHES.get(authorization.algorithm)
    if function is None:
        raise ParseError(f"unknown digest algorithm {authorization.algorithm[:20]!r}")

    def digest(text: str) -> str:
        return function(text.encode("utf-8", "surrogateescape")).hexdigest()

    secret = digest(f"{authorization.user}:{authorization.realm}:{password}")
    request = digest(f"{method}:{authorization.uri}")
    middle = authorization.nonce
    if authorization.qop:
        middle += f":{authorization.nc}:{authorization.cnonce}:{authorization.qop}"
    return digest(f"{secret}:{middle}:{request}")


def authorize(
    challenge: Challenge, method: str, uri: str, user: str, password: str, *, cnonce: str, nc: int = 1
) -> str:
    """The value of Authorization (or Proxy-Authorization) that meets ``challenge``.

    ``cnonce`` is fresh and unpredictable; ``nc`` counts the requests sent with this nonce, from 1.
    """
    with_qop = "auth" in challenge.qop
    claim = Authorization(
        user,
        challenge.realm,
        challenge.nonce,
        uri,
        "",
        challenge.algorithm,
        "auth" if with_qop else "",
        cnonce if with_qop else "",
        f"{nc:08x}" if with_qop else "",
        challenge.opaque,
    )
    return str(replace(claim, response=digest_response(claim, method, password)))
