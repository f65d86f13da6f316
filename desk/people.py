"""People: whoever is on a list, known by his numbers over all lists and campaigns.

A mobile is a person's own: whoever has it is he. A fixed line is shared (a family, an office), so it says who somebody
is only where he has no mobile, or the name is the same too. So twenty drivers of one firm, each with his mobile and all
with the firm's number, are twenty people; two families with one fixed line and no mobile are one, because it is one
phone that rings, and it shall not ring twice as often.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.numbers import identifying


@dataclass(frozen=True, slots=True)
class Person:
    """One person; ``numbers`` in the order in which they are to be tried. A number belongs to one person only."""

    id: int
    name: str
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Owner:
    """To whom a number belongs."""

    person: int
    name: str


def whose(name: str, numbers: Sequence[str], owners: Mapping[str, Owner]) -> int | None:
    """The person whom a row with ``name`` and ``numbers`` means, None where nobody is known by them. ``owners`` has at
    least the owners of ``numbers``, so far as they have any.
    """
    own = identifying(numbers)
    for number in own:
        if number in owners:
            return owners[number].person
    for number in numbers:
        owner = owners.get(number)
        if owner is not None and name and owner.name == name:
            return owner.person
    return None
