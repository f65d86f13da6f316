"""The side of digest authentication that asks: nonces that fill no memory, and what a proof is worth (RFC 7616)."""

import base64
import hmac
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from core.errors import ParseError
from telephony.sip.digest import HASHES, STRENGTH, Authorization, Challenge, digest_response, parse_authorization
from telephony.sip.replay import UsedProofs
from telephony.sip.uri import SipUri, Uri, parse_uri

_NC: Final = re.compile(r"[0-9a-f]{8}")


class Verdict(Enum):
    """What the server makes of an Authorization header."""

    OK = auto()
    STALE = auto()
    """The nonce is not one that we made for this source within its life (it is too old, from before our restart, or got
    elsewhere), or its count is used up: challenge again with ``stale=true``. Nothing is said about the password.
    """
    WRONG = auto()
    """Wrong password."""
    UNKNOWN_USER = auto()
    """Answer as for ``WRONG``, so that names cannot be guessed."""
    ABSENT = auto()
    """No digest for our realm was given: challenge."""


@dataclass(frozen=True, slots=True)
class Leniency:
    """What the proofs of a user may lack: ``without_qop`` the old form of RFC 2069 is taken, which a nonce count does
    not guard (each nonce is good once instead); ``any_uri`` the URI proved need not be the one asked for, so that a
    sniffed proof that was never used fits another request of the same method.
    """

    without_qop: bool = False
    any_uri: bool = False


STRICT: Final = Leniency()


class DigestServer:
    """Challenges and checks. Nonces are a time, a number and a seal: handing them out fills no memory.

    ``secret`` seals nonces (at least 16 random bytes, kept for the life of the process). A nonce is good for
    ``nonce_life_s``, and only for the source that it was made for: whoever writes somebody else's address into his
    datagrams never sees one, and can neither prove anything nor guess in that other's name. A sniffed proof is good for
    nothing: it holds for one method and one Request-URI, and once it was right its nonce count is used up (RFC 7616
    §3.4); without qop, the old form, the whole nonce is. Who comes late or twice is told ``STALE`` and proves himself
    anew; the password is looked at only under a nonce that holds, so that no answer to another one tells of it.

    ``algorithms`` are offered in this order, each in a header of its own (RFC 8760 §2.3 wants the strongest first).
    Common phones give up on a challenge that they do not know instead of reading the next (baresip 1.0 does), so what
    is offered to phones of unknown make is MD5 alone.
    """

    __slots__ = ("_algorithms", "_made", "_secret", "_used", "bound_to", "leniency", "nonce_life_s", "realm")

    def __init__(
        self, realm: str, secret: bytes, nonce_life_s: float = 300.0, *, algorithms: Sequence[str] = STRENGTH
    ) -> None:
        if len(secret) < 16:
            raise ValueError("the secret must have at least 16 bytes")
        if not algorithms or not set(algorithms) <= set(HASHES):
            raise ValueError(f"digest algorithms must be of {', '.join(HASHES)}")
        self._algorithms = tuple(algorithms)
        self.realm = realm
        self.nonce_life_s = nonce_life_s
        self._secret = secret
        self._made = 0
        self._used = UsedProofs()
        self.leniency: Callable[[str], Leniency] = lambda user: STRICT
        """What the proofs of a user may lack."""
        self.bound_to: Callable[[str], str] = lambda source: source
        """What of a source a nonce is bound to."""

    def nonce(self, now: float, source: str = "") -> str:
        """A fresh nonce for ``source`` (an address), another one at each call."""
        self._made = (self._made + 1) % 2**32
        moment = int(now * 1000).to_bytes(8, "big") + self._made.to_bytes(4, "big")
        return base64.urlsafe_b64encode(moment + self._seal(moment, source)).decode("ascii")

    def challenges(self, now: float, source: str = "", *, stale: bool = False) -> list[str]:
        """Header values for WWW-Authenticate, one for each algorithm."""
        nonce = self.nonce(now, source)
        return [str(Challenge(self.realm, nonce, name, ("auth",), stale=stale)) for name in self._algorithms]

    def user_of(self, values: Iterable[str]) -> str:
        """The user who claims something in our realm, "" if nobody does. Nothing is proved yet."""
        claim = self._claim(values)
        return claim.user if claim is not None else ""

    def is_current(self, values: Iterable[str], now: float, source: str = "") -> bool:
        """Whether a claim stands there under a nonce that we made for ``source`` and that still holds: whoever sent it
        has seen our answer, so the address is his. Nothing is proved yet, and nothing used up.
        """
        claim = self._claim(values)
        return claim is not None and self._holds(claim.nonce, now, source)

    def verify(
        self,
        values: Iterable[str],
        method: str,
        uri: Uri,
        password_of: Callable[[str], str | None],
        now: float,
        source: str = "",
    ) -> Verdict:
        """Check the values of all Authorization headers of a request with ``method`` for the Request-URI ``uri``.

        ``password_of(user)`` gives the password, None for an unknown user; ``source`` is where the request came from.
        What was ``OK`` once is ``STALE`` when it comes again, so ask once for each request.
        """
        claim = self._claim(values)
        if claim is None:
            return Verdict.ABSENT
        made_at = self._made_at(claim.nonce, source)
        if made_at is None or not self._lives(made_at, now):
            return Verdict.STALE  # RFC 7616 §3.3: whatever the proof may be worth
        count = _count(claim)
        leniency = self.leniency(claim.user)
        named = leniency.any_uri or _is_for(claim.uri, uri)
        if claim.algorithm not in self._algorithms or count is None or not named:
            return Verdict.WRONG
        password = password_of(claim.user)
        # the same work for an unknown user, so that the time taken tells nothing
        expected = digest_response(claim, method, password if password is not None else "")
        matches = hmac.compare_digest(expected.encode("ascii"), claim.response.encode("utf-8", "surrogateescape"))
        if password is None:
            return Verdict.UNKNOWN_USER
        if not matches:
            return Verdict.WRONG
        if not claim.qop and not leniency.without_qop:
            return Verdict.ABSENT  # he knows the password, so it is no guess; but this form is not taken from him
        fresh = self._used.use(claim.nonce, made_at, claim.user, count, now - self.nonce_life_s)
        return Verdict.OK if fresh else Verdict.STALE

    def _claim(self, values: Iterable[str]) -> Authorization | None:
        for value in values:
            try:
                claim = parse_authorization(value)
            except ParseError:
                continue  # another scheme counts as none (RFC 4475 §3.3.7)
            if claim.realm == self.realm:
                return claim
        return None

    def _holds(self, nonce: str, now: float, source: str) -> bool:
        made_at = self._made_at(nonce, source)
        return made_at is not None and self._lives(made_at, now)

    def _lives(self, made_at: float, now: float) -> bool:
        return 0 <= now - made_at <= self.nonce_life_s

    def _made_at(self, nonce: str, source: str) -> float | None:
        """When we made ``nonce`` for ``source``; None where we did not, or where it is not written as we wrote it."""
        try:
            octets = base64.urlsafe_b64decode(nonce.encode("ascii"))
        except ValueError:
            return None
        moment, seal = octets[:12], octets[12:]
        if not hmac.compare_digest(seal, self._seal(moment, source)):
            return None
        if base64.urlsafe_b64encode(octets).decode("ascii") != nonce:
            return None  # base64 has many spellings, and each would count as a nonce of its own
        return int.from_bytes(moment[:8], "big") / 1000

    def _seal(self, moment: bytes, source: str) -> bytes:
        return hmac.digest(self._secret, moment + f"{self.bound_to(source)}\0{self.realm}".encode(), "sha256")[:16]


def _count(claim: Authorization) -> int | None:
    """The nonce count; 1 for the form without qop, whose nonce is good once; None where it is not 8 hex digits."""
    if claim.qop == "":
        return 1
    return int(claim.nc, 16) if claim.qop == "auth" and _NC.fullmatch(claim.nc) else None


def _is_for(claimed: str, uri: Uri) -> bool:
    """RFC 7616 §3.4.6: whether the claim names the Request-URI.

    User, host and port must agree; parameters may differ, for there are phones that leave them out of the claim.
    """
    if claimed == str(uri):
        return True
    try:
        named = parse_uri(claimed)
    except ParseError:
        return False
    if not isinstance(named, SipUri) or not isinstance(uri, SipUri):
        return False
    return _place(named) == _place(uri)


def _place(uri: SipUri) -> tuple[str, str, str, int]:
    secure = uri.scheme.lower() == "sips"
    return uri.scheme.lower(), uri.user, uri.host.lower(), uri.port or (5061 if secure else 5060)
