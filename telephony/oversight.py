"""Who hears whom when supervisors join a talk: they listen, whisper to the agent, barge in or take over. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeAlias

Ears: TypeAlias = dict[str, dict[str, float]]
"""For each leg the legs that it hears, at which gains in dB (see ``MediaPort.hear``)."""


class Oversight(StrEnum):
    """What a supervisor does in a talk."""

    LISTEN = "listen"
    """He hears both, nobody hears him."""
    WHISPER = "whisper"
    """The agent hears him as well, the caller does not."""
    BARGE = "barge"
    """All hear all."""
    TAKE_OVER = "take_over"
    """The caller talks with him; the agent hears nobody and nobody hears the agent."""


def ears(
    outside: str, inside: str, guests: Mapping[str, Oversight], *, held: bool = False, aside: bool = False
) -> Ears:
    """Who hears whom in the talk of ``outside`` (caller) and ``inside`` (agent) with supervisors ``guests``.

    While the agent's phone holds he takes no part. A supervisor hears the others who may be heard by someone. While the
    caller is set ``aside`` he hears nobody and nobody hears him: the agent talks with a guest whom he asks.
    """
    taken = Oversight.TAKE_OVER in guests.values()
    out, aside = held or taken, aside and not taken  # who takes no part: the agent, the caller
    talkers = [*([] if aside else [outside]), *([] if out else [inside])]
    audible = [guest for guest, how in guests.items() if how is not Oversight.LISTEN]
    to_all = [guest for guest, how in guests.items() if how in (Oversight.BARGE, Oversight.TAKE_OVER)]
    hears = {
        outside: [] if aside else [*([] if out else [inside]), *to_all],
        inside: [] if out else [*([] if aside else [outside]), *audible],
    }
    for guest in guests:
        hears[guest] = [*talkers, *(other for other in audible if other != guest)]
    return {leg: dict.fromkeys(sources, 0.0) for leg, sources in hears.items()}
