"""An agent's capacity on a channel as the configuration writes it: ``callbacks:0``."""

import re
from enum import StrEnum
from typing import Final


class Channel(StrEnum):
    """The ways by which calls come to an agent. All of them are voice: of all together he has one at a time."""

    CALLS = "calls"
    """Callers who wait in his queues."""
    CALLBACKS = "callbacks"
    """Customers who are to be called back in his queues."""
    DIRECT = "direct"
    """Who calls him by his id, or is led, transferred or consults there."""
    OUTSIDE = "outside"
    """Numbers outside that he calls himself."""


ALL: Final = frozenset(Channel)
_CAPACITY: Final = re.compile(rf"(?P<channel>{'|'.join(Channel)}):(?P<most>[01])")


def parse_capacity(text: str) -> tuple[Channel, int]:
    """The channel and how many at a time; ``ValueError`` says how to write it."""
    match = _CAPACITY.fullmatch(text)
    if match is None:
        raise ValueError(
            f"{text!r} is no capacity; write a channel ({', '.join(Channel)}) and 0 or 1, such as callbacks:0: nobody "
            "talks in two calls"
        )
    return Channel(match["channel"]), int(match["most"])
