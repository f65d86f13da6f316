"""Who calls and by way of whom, as networks say it beside From: P-Asserted-Identity and P-Preferred-Identity
(RFC 3325), Privacy (RFC 3323), Diversion (RFC 5806), History-Info (RFC 7044; the two mapped as in RFC 7544).

Reading never raises: a header that cannot be read says nothing. Whether a peer is to be believed is not decided here.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from core.errors import ParseError
from telephony.sip.address import NameAddress, parse_address, parse_addresses
from telephony.sip.headers import Headers
from telephony.sip.message import Request
from telephony.sip.params import NO_PARAMS, Params
from telephony.sip.uri import SipUri, Uri

ANONYMOUS: Final = "anonymous"
ANONYMOUS_FROM: Final = NameAddress(SipUri("anonymous.invalid", user=ANONYMOUS), display="Anonymous")
"""RFC 3323 §4.1.1.3."""
MAX_DIVERSIONS: Final = 10
MAX_NUMBER: Final = 64
_SEPARATORS: Final = dict.fromkeys(map(ord, "-.()"))
_HIDING: Final = frozenset({"id", "user", "header"})
_HISTORY_HIDDEN: Final = frozenset({"history", "session", "header"})
_REASONS: Final = {
    302: "unconditional", 486: "user-busy", 408: "no-answer", 480: "deflection", 503: "unavailable",
    404: "unavailable", 487: "deflection", 600: "user-busy", 603: "deflection",
}  # fmt: skip
"""RFC 7544 §5, from the cause of a retargeting to the reason of a Diversion."""
_CAUSES: Final = {
    "unconditional": 302, "user-busy": 486, "no-answer": 408, "deflection": 480, "unavailable": 503, "time-of-day": 404,
    "do-not-disturb": 302, "follow-me": 302, "out-of-service": 404, "away": 302,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Diversion:
    """A number that the call was sent on from (``anonymous`` where that is not to be known), and why: one of RFC 5806's
    words.
    """

    number: str
    reason: str = "unknown"


def asserted_identity(headers: Headers) -> NameAddress | None:
    """The first P-Asserted-Identity (RFC 3325 §9.1: one sip or sips URI, one tel URI, or both say the same)."""
    try:
        for value in headers.get_all("P-Asserted-Identity"):
            for address in parse_addresses(value):
                if user_of(address.uri):
                    return address
    except ParseError:
        pass
    return None


def is_private(headers: Headers) -> bool:
    """Whether the caller's identity is not to be shown (RFC 3323 §4.2, RFC 3325 §9.3)."""
    return bool(_privacy(headers) & _HIDING)


def diversions_of(request: Request) -> tuple[Diversion, ...]:
    """Whom the call was sent on from, the latest first: by Diversion where there is one, else by History-Info."""
    found = _of_diversion(request.headers) or _of_history(request.headers)
    if _privacy(request.headers) & _HISTORY_HIDDEN:
        return tuple(Diversion(ANONYMOUS, one.reason) for one in found)
    return found


def user_of(uri: Uri) -> str:
    """The number in a sip or tel URI, "" where there is none that could be one (parameters of the user part go)."""
    user = uri.user.partition(";")[0]
    return user if len(user) <= MAX_NUMBER and user.isprintable() else ""


def called_number(uri: Uri) -> str:
    """The number that a Request-URI or To of a carrier names, "" where there is none: parameters of the user part go
    (RFC 3261 §19.1.6: ``4008001234;phone-context=+86``), and where the URI says that it is a telephone number so do
    visual separators (RFC 3966 §5.1.1: ``tel:+86-400-800-1234``).
    """
    number = user_of(uri)
    is_phone = not isinstance(uri, SipUri) or (uri.params.get("user") or "").lower() == "phone"
    return number.translate(_SEPARATORS) if is_phone else number


def diversion_lines(diversions: tuple[Diversion, ...], host: str) -> list[tuple[str, str]]:
    """Diversion headers for an INVITE (RFC 5806 §10.3: the latest on top)."""
    return [
        ("Diversion", str(NameAddress(SipUri(host, user=one.number), params=_diversion_params(one))))
        for one in diversions[:MAX_DIVERSIONS]
        if one.number != ANONYMOUS
    ]


def history_line(diversions: tuple[Diversion, ...], target: SipUri, host: str) -> list[tuple[str, str]]:
    """History-Info for an INVITE to ``target`` (RFC 7044 §10): who was called first, then each whom it went on to."""
    known = [one for one in reversed(diversions[:MAX_DIVERSIONS]) if one.number != ANONYMOUS]
    if not known:
        return []
    entries = []
    index = "1"
    cause = 0
    for place, one in enumerate(known):
        reason = NO_PARAMS.set("Reason", f"SIP;cause={_cause(one.reason)}")
        entries.append(_entry(SipUri(host, user=one.number, params=_caused(cause), headers=reason), index, place))
        cause = _cause(one.reason)
        index += ".1"
    entries.append(_entry(SipUri(target.host, user=target.user, params=_caused(cause)), index, len(known)))
    return [("History-Info", ", ".join(entries))]


def _entry(uri: SipUri, index: str, place: int) -> str:
    params = NO_PARAMS.set("index", index)
    if place:
        params = params.set("mp", index.rpartition(".")[0])  # RFC 7044 §5: changed by us, from that entry
    return str(NameAddress(uri, params=params))


def _caused(cause: int) -> Params:
    """RFC 4458: why it was sent on to this URI."""
    return NO_PARAMS.set("cause", str(cause)) if cause else NO_PARAMS


def _diversion_params(one: Diversion) -> Params:
    return NO_PARAMS.set("reason", one.reason).set("counter", "1")


def _cause(reason: str) -> int:
    return _CAUSES.get(reason, 302)


def _privacy(headers: Headers) -> frozenset[str]:
    values = ";".join(headers.get_all("Privacy")[:4])
    return frozenset(word.strip().lower() for word in values.replace(",", ";").split(";"))


def _of_diversion(headers: Headers) -> tuple[Diversion, ...]:
    found: list[Diversion] = []
    try:
        for item in headers.items_of("Diversion")[:MAX_DIVERSIONS]:
            address = parse_address(item)
            hidden = (address.params.get("privacy") or "off").lower() not in ("off", "none")
            reason = (address.params.get("reason") or "unknown").lower()
            number = user_of(address.uri)
            if number:
                found.append(Diversion(ANONYMOUS if hidden else number, reason if reason in _CAUSES else "unknown"))
    except ParseError:
        pass
    return tuple(found)


def _of_history(headers: Headers) -> tuple[Diversion, ...]:
    """All entries but the last, which is where the call goes now, and those that were only routed within a domain."""
    entries: list[tuple[tuple[int, ...], NameAddress]] = []
    try:
        for item in headers.items_of("History-Info")[: 2 * MAX_DIVERSIONS]:
            address = parse_address(item)
            entries.append((_index(address.params.get("index") or ""), address))
    except ParseError:
        return ()
    entries.sort(key=lambda entry: entry[0])
    found: list[Diversion] = []
    for (_, address), (_, following) in pairwise(entries):
        number, after = user_of(address.uri), user_of(following.uri)
        cause = _reason_of(address.uri) or _cause_of(following.uri)
        if number and (cause or number != after):
            found.append(Diversion(ANONYMOUS if _hidden(address.uri) else number, _REASONS.get(cause, "unknown")))
    return tuple(reversed(found[-MAX_DIVERSIONS:]))


def _index(text: str) -> tuple[int, ...]:
    parts = text.split(".")
    plain = all(part.isascii() and part.isdigit() and len(part) < 6 for part in parts)
    if not plain or len(parts) > 2 * MAX_DIVERSIONS:
        raise ParseError("not an index", where="History-Info")
    return tuple(int(part) for part in parts)


def _reason_of(uri: Uri) -> int:
    """The cause in the Reason header that an entry's URI carries."""
    text = (uri.headers.get("Reason") or "") if isinstance(uri, SipUri) else ""
    protocol, _, rest = text.replace(" ", "").partition(";")
    if protocol.upper() != "SIP":
        return 0
    values = [part[6:] for part in rest.split(";") if part.lower().startswith("cause=")]
    return int(values[0]) if values and values[0].isascii() and values[0].isdigit() and len(values[0]) == 3 else 0


def _cause_of(uri: Uri) -> int:
    text = (uri.params.get("cause") or "") if isinstance(uri, SipUri) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) == 3 else 0


def _hidden(uri: Uri) -> bool:
    text = (uri.headers.get("Privacy") or "") if isinstance(uri, SipUri) else ""
    return "history" in text.lower()
