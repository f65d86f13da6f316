"""What a carrier is told about who calls, and what of its own word we take: the policy of one trunk."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from telephony.sip.address import NameAddress
from telephony.sip.identity import (
    ANONYMOUS,
    ANONYMOUS_FROM,
    Diversion,
    asserted_identity,
    diversion_lines,
    diversions_of,
    history_line,
    is_private,
    user_of,
)
from telephony.sip.message import Request
from telephony.sip.uri import SipUri


class Shown(StrEnum):
    """In which header the number that calls is proved or proposed."""

    FROM = "from"
    ASSERTED = "asserted"
    PREFERRED = "preferred"


class Forwarding(StrEnum):
    """In which header a carrier is told that a call to it has been sent on."""

    OFF = "off"
    DIVERSION = "diversion"
    HISTORY = "history"
    BOTH = "both"


_HEADERS: Final = {Shown.ASSERTED: "P-Asserted-Identity", Shown.PREFERRED: "P-Preferred-Identity"}


@dataclass(frozen=True, slots=True)
class IdentityPolicy:
    """``by_account``: From shows our account in place of the number (which ``shown`` then tells). ``domain`` stands in
    our URIs, "" for our own address. ``private``: our number is not to be shown to the person called. ``trusted``: what
    the carrier asserts about its callers is believed (RFC 3325's trust domain). ``reasons``: it is told causes (Q.850).
    """

    shown: Shown = Shown.FROM
    by_account: bool = False
    domain: str = ""
    private: bool = False
    trusted: bool = False
    forwarding: Forwarding = Forwarding.OFF
    reasons: bool = True


DEFAULT_POLICY: Final = IdentityPolicy()


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls us: ``number`` is ``anonymous`` where he does not want it known; ``diversions`` the latest first."""

    number: str
    diversions: tuple[Diversion, ...] = ()


@dataclass(frozen=True, slots=True)
class CameBy:
    """What an outgoing call is sent on from: the number that was called, and whom it had come from before that."""

    dnis: str
    diversions: tuple[Diversion, ...] = ()


@dataclass(frozen=True, slots=True)
class Introduction:
    """From and the other headers that say who calls."""

    from_: NameAddress
    headers: tuple[tuple[str, str], ...]


def caller_of(request: Request, policy: IdentityPolicy) -> Caller:
    """Who the INVITE of a carrier is from; ``ParseError`` where From cannot be read. What it asserts counts only where
    it is trusted: others may write there what they like.
    """
    plain = user_of(request.from_.uri)
    if not policy.trusted:
        return Caller(plain)
    asserted = asserted_identity(request.headers)
    diversions = diversions_of(request)
    if is_private(request.headers):
        return Caller(ANONYMOUS, diversions)
    return Caller(user_of(asserted.uri) if asserted is not None else plain, diversions)


def introduce(
    policy: IdentityPolicy,
    number: str,
    account: str,
    ours: str,
    to: SipUri,
    came: CameBy | None = None,
    *,
    hidden: bool = False,
    passed: tuple[Diversion, ...] = (),
) -> Introduction:
    """How a call to ``to`` is introduced to the carrier: ``number`` calls, ``account`` is ours there, ``ours`` our
    address; ``hidden`` where the person called is not to see the number. Of the call that it was sent on from
    (``came``), and of the numbers that the carrier itself has sent it on from (``passed``, the latest first), only what
    is listed here is told.
    """
    domain = policy.domain or ours
    host = f"[{domain}]" if ":" in domain and not domain.startswith("[") else domain
    private = policy.private or hidden
    shown = SipUri(host, user=number)
    account_uri = SipUri(host, user=account if policy.by_account and account else number)
    from_ = ANONYMOUS_FROM if private else NameAddress(account_uri)
    headers: list[tuple[str, str]] = []
    if policy.shown in _HEADERS:
        headers.append((_HEADERS[policy.shown], str(NameAddress(shown))))
    if private:
        headers.append(("Privacy", "id"))
    before = (Diversion(came.dnis, "deflection"), *came.diversions) if came is not None else ()
    chain = (*passed, *before)
    if chain:
        if policy.forwarding in (Forwarding.DIVERSION, Forwarding.BOTH):
            headers += diversion_lines(chain, host)
        if policy.forwarding in (Forwarding.HISTORY, Forwarding.BOTH):
            headers += history_line(chain, to, host)
    return Introduction(from_, tuple(headers))
