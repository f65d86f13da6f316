"""Under which hosts the house is known: only there ``sip:200@host`` is its own number 200 (RFC 3261 §19.1.1).

Those are the addresses at which it listens and that peers see, its realm, and for an agent's phone the domain in which
that has registered, by whatever name it knows us.
"""

import ipaddress

from telephony.phones import Phones
from telephony.sip.outward import has_address
from telephony.sip.stack import SipStack
from telephony.sip.uri import SipUri, Uri


class OwnNames:
    """``realm`` is what phones prove themselves in."""

    def __init__(self, stack: SipStack, phones: Phones, realm: str) -> None:
        self._stack = stack
        self._phones = phones
        self._realm = realm.lower()

    def mean_us(self, uri: Uri, agent: str, now: float) -> bool:
        """Whether a phone of ``agent`` that names ``uri`` means us. A ``tel:`` URI names nobody's host, so it does."""
        if not isinstance(uri, SipUri):
            return True
        host = uri.host.strip("[]").rstrip(".")
        return host == self._realm or host in self._phones.domains(agent, now) or self._is_our_address(host)

    def _is_our_address(self, host: str) -> bool:
        try:
            ipaddress.ip_address(host)
        except ValueError:
            return host in self._stack.hosts  # a name that is advertised
        return host in self._stack.hosts or (self._stack.listens_everywhere and has_address(host))
