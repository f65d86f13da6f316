"""Where each agent's phones can be reached: at a fixed address, or where they registered."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from telephony.auto_answer import OFF
from telephony.negotiation import PLAIN_TERMS, Terms
from telephony.phone_pulse import PhoneKey, PhonePulses
from telephony.phone_traits import Compat, PhoneTraits
from telephony.registrar import Binding, Registrar
from telephony.sip.credentials import Credentials
from telephony.sip.hop import DEFAULT_PORTS, UDP, Hop
from telephony.sip.outbound import after_loss
from telephony.sip.params import NO_PARAMS
from telephony.sip.path import Path, hop_after_loss
from telephony.sip.routing import hop_of
from telephony.sip.uri import SipUri

PHONE_TERMS: Final = Terms(("PCMA", "PCMU", "G722"))
"""G.722 last: it is for calls among phones, which carriers' calls do not reach."""


@dataclass(frozen=True, slots=True)
class PhoneTarget:
    """What to send an INVITE to, and by which way: to ``hop``, which passes it on by ``routes`` if there are any."""

    uri: SipUri
    hop: Hop
    credentials: Credentials | None = None
    terms: Terms = PLAIN_TERMS
    auto_answer: str = OFF
    routes: Path = ()

    def goes_with(self, lost: Hop) -> bool:
        """Whether it cannot be reached any more until it comes again, now that the connection ``lost`` is gone."""
        if lost != self.hop:
            return False
        left = hop_after_loss(self.routes, lost) if self.routes else after_loss(self.uri, lost, None)
        return left is None


@dataclass(frozen=True, slots=True)
class Phone:
    """One phone of an agent, whether it answers or not; ``binding`` is its registration, None for a fixed one; ``key``
    tells it from others.
    """

    agent: str
    target: PhoneTarget
    key: PhoneKey
    binding: Binding | None = None


class Phones:
    """The agents' phones. ``fixed`` maps agents to phones that do not register; ``terms`` hold for all but those whose
    ``traits`` say otherwise; ``pulses`` tell which have fallen silent.
    """

    def __init__(
        self,
        registrar: Registrar,
        fixed: Mapping[str, SipUri],
        terms: Terms = PHONE_TERMS,
        pulses: PhonePulses | None = None,
        traits: Mapping[str, PhoneTraits] | None = None,
    ) -> None:
        self._registrar = registrar
        self._fixed = dict(fixed)
        self.terms = terms
        self.pulses = pulses or PhonePulses()
        self._traits = dict(traits or {})
        self._made: dict[str, tuple[Phone, ...]] = {}  # they are asked for far more often than they change

    def change(self, fixed: Mapping[str, SipUri], traits: Mapping[str, PhoneTraits] | None = None) -> None:
        """These phones need not register, and these are particular, from now on."""
        self._fixed = dict(fixed)
        self._made.clear()
        if traits is not None:
            self._traits = dict(traits)

    def traits_of(self, agent: str) -> PhoneTraits:
        """What is particular about the agent's phones."""
        return self._traits.get(agent) or PhoneTraits(self.terms)

    def of(self, agent: str, now: float) -> tuple[Phone, ...]:
        """All phones of the agent: the fixed one, else those registered, the one refreshed last first."""
        fixed, made = self._fixed.get(agent), self._made.get(agent, ())
        if fixed is not None:
            return made or self._keep(agent, (self._phone(agent, fixed, fixed_hop(fixed), None),))
        bindings = self._registrar.contacts(agent, now)
        if [phone.binding for phone in made] == bindings:
            return made
        hops = (_hop(item, self.traits_of(agent)) for item in bindings)
        return self._keep(
            agent, tuple(self._phone(agent, item.uri, hop, item) for item, hop in zip(bindings, hops, strict=True))
        )

    def _keep(self, agent: str, phones: tuple[Phone, ...]) -> tuple[Phone, ...]:
        self._made[agent] = phones
        return phones

    def _phone(self, agent: str, uri: SipUri, hop: Hop, binding: Binding | None) -> Phone:
        routes = binding.path if binding is not None else ()
        target = _target(uri, hop, self.traits_of(agent), routes)
        return Phone(agent, target, (agent, str(target.uri), hop), binding)

    def domains(self, agent: str, now: float) -> frozenset[str]:
        """In which domains the agent's phones have registered: under which hosts they know us."""
        return frozenset(phone.binding.domain for phone in self.of(agent, now) if phone.binding is not None)

    def all(self, agents: Iterable[str], now: float) -> list[Phone]:
        """All phones of all these agents."""
        return [phone for agent in agents for phone in self.of(agent, now)]

    def targets(self, agent: str, now: float) -> tuple[PhoneTarget, ...]:
        """Those phones of the agent that can be rung, in the order of ``of``: the ones that have not fallen silent."""
        return tuple(phone.target for phone in self.of(agent, now) if self.pulses.answers(phone.key))


def _target(uri: SipUri, hop: Hop, traits: PhoneTraits, routes: Path = ()) -> PhoneTarget:
    """A contact as it may stand in a request line (RFC 3261 §19.1.1): without headers and ``method``."""
    line = replace(uri, headers=NO_PARAMS, params=uri.params.remove("method"))
    return PhoneTarget(line, hop, terms=traits.terms, auto_answer=traits.auto_answer, routes=routes)


def fixed_hop(uri: SipUri) -> Hop:
    """Where a phone is that does not register: by UDP, unless its URI says something else."""
    return hop_of(uri, Hop(UDP, uri.host.strip("[]"), uri.port or DEFAULT_PORTS[UDP]))


def _hop(binding: Binding, traits: PhoneTraits) -> Hop:
    """Where a phone, or the proxy before it, is reached: where its REGISTER came from (NAT), unless it is known to
    listen elsewhere.
    """
    if Compat.CONTACT_AS_GIVEN not in traits.compat:
        return binding.hop
    return hop_of(binding.path[0].uri if binding.path else binding.uri, binding.hop)
