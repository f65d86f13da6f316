"""Where each agent's phones can be reached: at a fixed address, or where they registered."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from telephony.negotiation import PLAIN_TERMS, Terms
from telephony.registrar import Registrar
from telephony.sip.credentials import Credentials
from telephony.sip.hop import Hop
from telephony.sip.uri import SipUri

PHONE_TERMS: Final = Terms(("PCMA", "PCMU", "G722"))
"""G.722 last: it is for calls among phones, which carriers' calls do not reach."""


@dataclass(frozen=True, slots=True)
class PhoneTarget:
    """What to send an INVITE to, and by which way."""

    uri: SipUri
    hop: Hop
    credentials: Credentials | None = None
    terms: Terms = PLAIN_TERMS


class Phones:
    """The agents' phones. ``fixed`` maps agents to phones that do not register; ``terms`` hold for all of them."""

    def __init__(self, registrar: Registrar, fixed: Mapping[str, SipUri], terms: Terms = PHONE_TERMS) -> None:
        self._registrar = registrar
        self._fixed = dict(fixed)
        self.terms = terms

    def change(self, fixed: Mapping[str, SipUri]) -> None:
        """These phones need not register, from now on."""
        self._fixed = dict(fixed)

    def targets(self, agent: str, now: float) -> tuple[PhoneTarget, ...]:
        """All phones of the agent that can be rung: the fixed one, else those registered, the one refreshed last first;
        empty where there is none.
        """
        fixed = self._fixed.get(agent)
        if fixed is not None:
            hop = Hop((fixed.transport or "udp").upper(), fixed.host, fixed.port or 5060)
            return (PhoneTarget(fixed, hop, terms=self.terms),)
        bindings = self._registrar.contacts(agent, now)
        return tuple(PhoneTarget(binding.uri, binding.hop, terms=self.terms) for binding in bindings)
