"""Which of several trunks at one address a call is from. Two accounts or numbers at one carrier are told apart by what
is called, two machines in one network by who is named more exactly, two lines of one machine by port and transport.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

from core.numbers import one_form
from telephony.sip.hop import Hop

if TYPE_CHECKING:
    from telephony.trunk import TrunkSettings

Likeness: TypeAlias = tuple[bool, int, bool, bool, bool]
"""The larger, the better it fits."""


def likeness(trunk: "TrunkSettings", named_bits: int, source: Hop, called: Sequence[str]) -> Likeness:
    """How well a call from ``source`` fits ``trunk``, of whose networks the smallest that holds it has ``named_bits``.
    ``called`` are the users of Request-URI and To, as far as they are known.
    """
    return (
        trunk.register and trunk.user in called[:1],  # the carrier calls the contact that we registered
        named_bits,
        trunk.hop.port == source.port,
        trunk.hop.transport == source.transport,
        not numbers_of(trunk).isdisjoint(one_form(trunk.called(number)) for number in called),
    )


def told_apart(one: "TrunkSettings", other: "TrunkSettings") -> bool:
    """Whether something tells the calls of two trunks apart that are at one address."""
    if (one.hop.port, one.hop.transport) != (other.hop.port, other.hop.transport):
        return True
    if one.register and other.register and one.user != other.user:
        return True
    first, second = numbers_of(one), numbers_of(other)
    return bool(first and second) and first.isdisjoint(second)


def numbers_of(trunk: "TrunkSettings") -> frozenset[str]:
    """What its calls are made to, as far as its settings say: our account and our numbers there."""
    return frozenset(one_form(number) for number in (trunk.user, trunk.caller_id, *trunk.caller_ids) if number)
