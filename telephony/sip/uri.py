"""SIP and SIPS URIs, RFC 3261 §19.1, and the other schemes that may stand in their place (tel, urn, …).

Parts are kept unescaped; ``str()`` escapes what the grammar asks for. Hosts are lower case.
"""

import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, TypeAlias
from urllib.parse import quote, unquote

from core.errors import ParseError
from telephony.sip.grammar import BeyondBound
from telephony.sip.params import NO_PARAMS, Params

MAX_URI_LENGTH: Final = 2048
_CACHED_LENGTH: Final = 256

_UNRESERVED: Final = r"A-Za-z0-9\-_.!~*'()"
# Deviation: "#" may stand unescaped in the user part (service codes such as *21#), as phones and carriers send it.
_ESCAPED: Final = r"%[0-9A-Fa-f]{2}"


def _run(characters: str) -> str:
    """One or more of ``characters`` and escaped ones. Possessive, for nothing that may follow one is such a character:
    no text can make the match try all ways to part it.
    """
    return rf"(?:[{characters}]|{_ESCAPED})[{characters}]*+(?:{_ESCAPED}[{characters}]*+)*+"


_SIP: Final = re.compile(
    rf"([Ss][Ii][Pp][Ss]?):(?:({_run(_UNRESERVED + '&=+$,;?/#')})(?::((?:{_run(_UNRESERVED + '&=+$,')})?))?@)?"
    r"([A-Za-z0-9\-._]++|\[[0-9A-Fa-f:.]++\])(?::([0-9]{1,5}))?(;[^?]*+)?(?:\?(.*))?"
)
_PARAM_TEXT: Final = _run(_UNRESERVED + r"\[\]/:&+$")
_URI_PARAM: Final = re.compile(rf";({_PARAM_TEXT})(?:=({_PARAM_TEXT}))?")
_URI_HEADER: Final = re.compile(
    rf"((?:[{_UNRESERVED}\[\]/?:+$]|%[0-9A-Fa-f]{{2}})+)=((?:[{_UNRESERVED}\[\]/?:+$@;,]|%[0-9A-Fa-f]{{2}})*)"
)
# RFC 3986 characters, less "<", ">" and quotes, which delimit a URI in SIP.
_OTHER: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):([A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+)")

_USER_SAFE: Final = "-_.!~*'()&=+$,;?/"
_PASSWORD_SAFE: Final = "-_.!~*'()&=+$,"
_PARAM_SAFE: Final = "-_.!~*'()[]/:&+$"
_HEADER_SAFE: Final = "-_.!~*'()[]/?:+$"


@dataclass(frozen=True, slots=True)
class SipUri:
    """``sip:user:password@host:port;params?headers``; ``user`` "" and ``port`` None where not given."""

    host: str
    user: str = ""
    port: int | None = None
    scheme: str = "sip"
    password: str | None = None
    params: Params = NO_PARAMS
    headers: Params = NO_PARAMS

    @property
    def transport(self) -> str | None:
        """The ``transport`` parameter in upper case, e.g. ``"TCP"``."""
        value = self.params.get("transport")
        return value.upper() if value else None

    @property
    def is_loose_router(self) -> bool:
        """Whether the ``lr`` parameter is there (§19.1.1)."""
        return "lr" in self.params

    def bare(self) -> "SipUri":
        """Only scheme, user, host and port: what may stand as an address of record or in a From."""
        return replace(self, password=None, params=NO_PARAMS, headers=NO_PARAMS)

    def equivalent(self, other: "Uri") -> bool:
        """§19.1.4: user by case, host without, and those parameters that must agree."""
        if not isinstance(other, SipUri):
            return False
        own = (self.scheme, self.user, self.password, self.host, self.port)
        if own != (other.scheme, other.user, other.password, other.host, other.port):
            return False
        if sorted(_folded(self.headers)) != sorted(_folded(other.headers)):
            return False
        mine, theirs = dict(_folded(self.params)), dict(_folded(other.params))
        if any(mine.get(name) != theirs.get(name) for name in ("user", "ttl", "method", "maddr", "transport")):
            return False
        return all(theirs[name] == value for name, value in mine.items() if name in theirs)

    def __str__(self) -> str:
        text = self.scheme + ":"
        if self.user:
            text += _escape(self.user, _USER_SAFE)
            if self.password is not None:
                text += ":" + _escape(self.password, _PASSWORD_SAFE)
            text += "@"
        # an address of IPv6 that came from a socket has no brackets
        text += f"[{self.host}]" if ":" in self.host and self.host[0] != "[" else self.host
        if self.port is not None:
            text += f":{self.port}"
        for name, value in self.params:
            text += ";" + _escape(name, _PARAM_SAFE)
            if value is not None:
                text += "=" + _escape(value, _PARAM_SAFE)
        for index, (name, value) in enumerate(self.headers):
            text += ("&" if index else "?") + _escape(name, _HEADER_SAFE) + "=" + _escape(value or "", _HEADER_SAFE)
        return text


@dataclass(frozen=True, slots=True)
class OtherUri:
    """A URI of another scheme, kept as it is: ``tel:+861012345678``, ``urn:service:sos``, …"""

    scheme: str
    rest: str

    @property
    def user(self) -> str:
        """The number of a tel URI (RFC 3966) without its parameters; "" for other schemes."""
        return self.rest.partition(";")[0] if self.scheme == "tel" else ""

    def __str__(self) -> str:
        return f"{self.scheme}:{self.rest}"


Uri: TypeAlias = SipUri | OtherUri


def parse_uri(text: str) -> Uri:
    """The URI in ``text``, which must hold nothing else; ``ParseError`` where it follows no grammar."""
    return _parse_cached(text) if len(text) <= _CACHED_LENGTH else _parse(text)


def parse_sip_uri(text: str) -> SipUri:
    """As ``parse_uri``, but ``ParseError`` for every scheme other than sip and sips."""
    uri = parse_uri(text)
    if not isinstance(uri, SipUri):
        raise ParseError(f"not a SIP URI: scheme {uri.scheme[:20]!r}")
    return uri


def _parse(text: str) -> Uri:
    if len(text) > MAX_URI_LENGTH:
        raise BeyondBound(f"URI Longer Than {MAX_URI_LENGTH} Characters")
    match = _SIP.fullmatch(text)
    if match is None:
        other = _OTHER.fullmatch(text)
        if other is None or other.group(1).lower() in ("sip", "sips"):
            raise ParseError("malformed URI")
        return OtherUri(other.group(1).lower(), other.group(2))
    scheme, user, password, host, port, params, headers = match.groups()
    return SipUri(
        host=host.lower(),
        user=_unescape(user) if user else "",
        port=_port(port) if port else None,
        scheme=scheme.lower(),
        password=None if password is None else _unescape(password),
        params=_params(params) if params else NO_PARAMS,
        headers=NO_PARAMS if headers is None else _headers(headers),
    )


_parse_cached = lru_cache(maxsize=1024)(_parse)


def _port(text: str) -> int:
    port = int(text)
    if port > 65535:
        raise ParseError(f"port {port} out of range")
    return port


def _params(text: str) -> Params:
    items: list[tuple[str, str | None]] = []
    position = 0
    while position < len(text):
        match = _URI_PARAM.match(text, position)
        if match is None:
            raise ParseError("malformed URI parameter")
        name, value = match.groups()
        items.append((_unescape(name), None if value is None else _unescape(value)))
        position = match.end()
    return Params(tuple(items))


def _headers(text: str) -> Params:
    items: list[tuple[str, str | None]] = []
    for part in text.split("&"):
        match = _URI_HEADER.fullmatch(part)
        if match is None:
            raise ParseError("malformed header in URI")
        items.append((_unescape(match.group(1)), _unescape(match.group(2))))
    return Params(tuple(items))


def _unescape(text: str) -> str:
    # surrogateescape keeps octets that are no UTF-8, so that str() gives them back as they came
    return unquote(text, errors="surrogateescape") if "%" in text else text


def _escape(text: str, safe: str) -> str:
    if text.isalnum() and text.isascii():  # numbers: nearly all that there are
        return text
    return quote(text, safe=safe, errors="surrogateescape")


def _folded(params: Params) -> list[tuple[str, str | None]]:
    return [(name.lower(), None if value is None else value.lower()) for name, value in params]
