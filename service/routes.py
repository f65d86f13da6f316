"""Where a called number leads: a flow, a queue or one agent, and whether its calls are recorded."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from service.config_model import NumberConfig


class RouteKind(StrEnum):
    """The first half of a destination such as ``queue:service``."""

    FLOW = "flow"
    QUEUE = "queue"
    AGENT = "agent"
    VOICEMAIL = "voicemail"


@dataclass(frozen=True, slots=True)
class Destination:
    """``kind:name``."""

    kind: RouteKind
    name: str


@dataclass(frozen=True, slots=True)
class Route:
    """What happens to calls of one number."""

    to: Destination
    record: bool


def parse_destination(text: str) -> Destination:
    """``queue:service`` as a value; ``ValueError`` names what is wrong with any other text."""
    kind, colon, name = text.partition(":")
    if not colon or not name or kind not in set(RouteKind):
        kinds = ", ".join(f"{kind.value}:NAME" for kind in RouteKind)
        raise ValueError(f"{text!r} is no destination; write one of {kinds}")
    return Destination(RouteKind(kind), name)


SHORTEST_END: Final = 7
"""Shorter numbers match only themselves: 110 must not take every number that ends with it."""


class Routes:
    """The configured numbers. They match from the right, since carriers add prefixes: 4008001234, 864008001234."""

    def __init__(self, numbers: Sequence[NumberConfig]) -> None:
        self._exact = {item.number: Route(parse_destination(item.to), item.record) for item in numbers}

    def find(self, dnis: str) -> Route | None:
        """The route of called number ``dnis``: exact, else of the longest number of at least ``SHORTEST_END`` digits
        that it ends with, else that of "*".
        """
        if dnis in self._exact:
            return self._exact[dnis]
        suffixes = [number for number in self._exact if len(number) >= SHORTEST_END and dnis.endswith(number)]
        if suffixes:
            return self._exact[max(suffixes, key=len)]
        return self._exact.get("*")
