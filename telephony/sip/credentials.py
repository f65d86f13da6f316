"""What we prove ourselves with when a peer asks (RFC 3261 §22)."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Credentials:
    """``user`` and ``password`` for any realm, or only for ``realm`` where it is given."""

    user: str
    password: str = field(repr=False)
    realm: str = ""
