"""What is particular about an agent's phones: how they are spoken to, and what is done for them that others go without.

A compatibility option puts up with a fault of a phone. Each weakens something, so all are off unless an agent's
configuration names them.
"""

from dataclasses import dataclass
from enum import StrEnum

from telephony.auto_answer import OFF
from telephony.negotiation import PLAIN_TERMS, Terms
from telephony.sip.digest_server import Leniency


class Compat(StrEnum):
    """Options for phones that do not keep to the RFCs."""

    DIGEST_WITHOUT_QOP = "digest_without_qop"  # proves itself in the way of RFC 2069, without cnonce and count
    DIGEST_ANY_URI = "digest_any_uri"  # proves itself for another URI than the one that it asks for
    CONTACT_AS_GIVEN = "contact_as_given"  # listens where its Contact says, not where it sends from
    PATH_UNASKED = "path_unasked"  # registers through a proxy that adds a Path which the phone does not ask for
    ANSWER_TO_SOURCE = "answer_to_source"  # sits behind NAT and does not ask for rport


@dataclass(frozen=True, slots=True)
class PhoneTraits:
    """Of one agent's phones. ``auto_answer`` is a key of ``auto_answer.MAKES``."""

    terms: Terms = PLAIN_TERMS
    auto_answer: str = OFF
    compat: frozenset[Compat] = frozenset()

    @property
    def symmetric(self) -> bool:
        """Whether its requests are answered where they came from, asked or not."""
        return Compat.ANSWER_TO_SOURCE in self.compat

    @property
    def path_unasked(self) -> bool:
        """Whether a Path that they do not list as supported is taken (RFC 3327 §5.3)."""
        return Compat.PATH_UNASKED in self.compat

    @property
    def leniency(self) -> Leniency:
        """What its proofs may lack."""
        return Leniency(
            without_qop=Compat.DIGEST_WITHOUT_QOP in self.compat, any_uri=Compat.DIGEST_ANY_URI in self.compat
        )
