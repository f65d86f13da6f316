"""Names of states, inputs and actions, as state machines look them up in their tables."""

from enum import Enum


class Symbol(Enum):
    """An ``Enum`` whose members hash as the single objects that they are.

    ``Enum`` hashes the member's name, in Python; a call takes some seventy such look-ups.
    """

    __hash__ = object.__hash__
