"""Where a carrier sends a call of ours by a 3xx answer, and whether we go there (RFC 3261 §8.1.3.4, §21.3). Pure.

Whoever answers a call by 302 has us make another one, which we pay. So only the trunk that was called is believed, and
only as far as the call stays with it: the address must be its host, its domain or one of its addresses, and the number
one that whoever asked for the call might have dialled. All else is refused, as if it had not been offered.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address, ip_network
from typing import Final

from core.errors import CallRejected, NotAllowed
from core.number_kinds import NumberKind, place
from telephony.sip.address import NameAddress
from telephony.sip.hop import DEFAULT_PORTS, TLS, Hop
from telephony.sip.identity import Diversion, called_number
from telephony.sip.params import NO_PARAMS
from telephony.sip.uri import SipUri
from telephony.trunk import TrunkSettings

FOLLOWED: Final = frozenset({300, 301, 302, 305, 380})
MAX_HOPS: Final = 5
"""So many further calls one call may become."""
MAX_CONTACTS: Final = 10
"""Of one answer; the others are not looked at."""
_USE_PROXY: Final = 305
_REASONS: Final = {301: "unconditional", 302: "unconditional"}


class Redirected(CallRejected):
    """A refusal that names where else the call might go."""

    def __init__(self, refusal: CallRejected, contacts: Sequence[NameAddress]) -> None:
        super().__init__(refusal.status, refusal.reason, cause=refusal.cause)
        self.contacts = tuple(contacts)


@dataclass(frozen=True, slots=True)
class Onward:
    """``number`` is called as ``uri``, at ``hop`` (None: where the trunk's calls go); ``diversions`` are the numbers
    that it was sent on from by the carrier, the latest first.
    """

    number: str
    uri: SipUri
    hop: Hop | None = None
    diversions: tuple[Diversion, ...] = ()


class NotFollowed(Exception):  # noqa: N818 - never leaves this file
    """Why not."""


class Redirections:
    """The further ways of one call to ``number`` through ``trunk``, whose addresses are ``hops``. ``may`` gives another
    number as it is to be dialled, counted; it raises ``NotAllowed`` where it may not be called.
    """

    def __init__(self, trunk: TrunkSettings, hops: Sequence[Hop], number: str, may: Callable[[str], str]) -> None:
        self._trunk = trunk
        self._hops = tuple(hops)
        self._may = may
        self._first = SipUri(trunk.host, user=trunk.dialled(number), port=trunk.uri_port)
        self._now = Onward(number, self._first)
        self._tried = {self._key(self._now)}
        self._waiting: list[tuple[int, NameAddress, Onward]] = []
        self._left = MAX_HOPS
        self.refused: list[str] = []
        """Why others were not followed, for the log."""

    def take(self, answer: Redirected) -> None:
        """What was called last has answered so: its contacts come before those that wait (§8.1.3.4)."""
        contacts = sorted(answer.contacts[:MAX_CONTACTS], key=_q, reverse=True)
        self._waiting[:0] = [(answer.status, contact, self._now) for contact in contacts]

    def next(self) -> Onward | None:
        """Where to call now; None where no way is left."""
        while self._waiting:
            status, contact, origin = self._waiting.pop(0)
            try:
                if not self._left:
                    raise NotFollowed(f"the call was sent on {MAX_HOPS} times already")
                onward = self._judged(status, contact, origin)
            except NotFollowed as why:
                self.refused.append(str(why))
                continue
            self._tried.add(self._key(onward))
            self._left -= 1
            self._now = onward
            return onward
        return None

    def _judged(self, status: int, contact: NameAddress, origin: Onward) -> Onward:
        uri = contact.uri
        if not isinstance(uri, SipUri):
            raise NotFollowed(f"it is a {uri.scheme} address")
        host, hop = self._place(uri)
        if status == _USE_PROXY:  # §21.3.4: the same request, by way of that proxy
            onward = replace(origin, hop=hop)
        else:
            number = self._number(called_number(uri), origin.number)
            user = NO_PARAMS.set("user", "phone") if (uri.params.get("user") or "").lower() == "phone" else NO_PARAMS
            # What was judged is what is dialled: no routing number, no header, no other parameter of his.
            to = SipUri(host, user=self._trunk.dialled(number), port=uri.port, params=user)
            passed = Diversion(self._trunk.dialled(origin.number), _REASONS.get(status, "unknown"))
            chain = origin.diversions if number == origin.number else (passed, *origin.diversions)
            onward = Onward(number, to, hop, chain)
        if self._key(onward) in self._tried:
            raise NotFollowed("it has been called there already")
        return onward

    def _place(self, uri: SipUri) -> tuple[str, Hop | None]:
        """The host for the Request-URI, and where to send."""
        usual = self._hops[0] if self._hops else self._trunk.hop
        transport = (uri.params.get("transport") or usual.transport).upper()
        if "maddr" in uri.params:
            raise NotFollowed("it names another place by maddr")
        if transport != usual.transport or (uri.scheme == "sips" and transport != TLS):
            raise NotFollowed("it asks for another transport than the trunk's")
        host, port = _bare(uri.host), uri.port or DEFAULT_PORTS[transport]
        if host in {_bare(self._trunk.host), _bare(self._trunk.identity.domain)} - {""}:
            same = uri.port is None or uri.port in {hop.port for hop in self._hops}
            return uri.host, None if same or self._trunk.proxy else replace(usual, port=port)
        if not self._is_of_trunk(host):
            raise NotFollowed(f"{host} is none of the trunk's addresses")
        return uri.host, None if self._trunk.proxy else replace(usual, host=host, port=port)

    def _is_of_trunk(self, host: str) -> bool:
        try:
            address = ip_address(host)
        except ValueError:
            return False
        if any(host == _bare(hop.host) for hop in self._hops):
            return True
        return any(address in ip_network(source, strict=False) for source in self._trunk.sources)

    def _number(self, wanted: str, before: str) -> str:
        if not wanted:
            raise NotFollowed("it names no number")
        placed = place(wanted)
        if placed.number == place(before).number or wanted == self._trunk.dialled(before):
            return before
        if placed.kind is NumberKind.EMERGENCY:
            raise NotFollowed("nobody has dialled an emergency number")
        try:
            return self._may(wanted)
        except NotAllowed as refusal:
            raise NotFollowed(refusal.reason) from None

    def _key(self, onward: Onward) -> tuple[str, str, int, Hop | None]:
        port = onward.uri.port or DEFAULT_PORTS[self._trunk.hop.transport]
        return onward.uri.user, _bare(onward.uri.host), port, onward.hop


def _bare(host: str) -> str:
    return host.strip("[]").rstrip(".").casefold()


def _q(contact: NameAddress) -> float:
    """Its preference (RFC 3261 §20.10): 1 where it has none, 0 where that cannot be read."""
    text = contact.params.get("q")
    if text is None:
        return 1.0
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if 0 <= value <= 1 else 0.0
