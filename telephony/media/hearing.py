"""Who hears whom, as control has said it, and what follows: which packets are relayed, which legs are mixed together.

Names of legs and gains only: no sound, no engine. Everything costs as much as the talk or room that it concerns,
however many others there are.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from core.errors import LocalProtocolError
from telephony.media.port import LOUDEST_DB, MOST_HEARD


def check_gain(gain_db: float) -> None:
    """``LocalProtocolError`` for a gain that no leg may have."""
    if not gain_db <= LOUDEST_DB:  # nor may it be no number
        raise LocalProtocolError(f"a gain of {gain_db} dB is too much: at most {LOUDEST_DB:.0f}")


def check_sources(leg: str, sources: Mapping[str, float]) -> None:
    """``LocalProtocolError`` where ``leg`` cannot hear these."""
    if len(sources) > MOST_HEARD:
        raise LocalProtocolError(f"leg {leg} cannot hear more than {MOST_HEARD} others")
    if leg in sources:
        raise LocalProtocolError(f"leg {leg} cannot hear itself")
    for gain_db in sources.values():
        check_gain(gain_db)


class Hearing:
    """For each leg the legs that it hears, and at which gains in dB. Legs without any are not kept."""

    __slots__ = ("_heard_by", "_hears")

    def __init__(self) -> None:
        self._hears: dict[str, dict[str, float]] = {}
        self._heard_by: dict[str, dict[str, None]] = {}  # sets that keep their order

    def set(self, leg: str, sources: Mapping[str, float]) -> None:
        """``leg`` hears ``sources`` (which have been checked) in place of those before."""
        for source in self._hears.pop(leg, ()):
            listeners = self._heard_by[source]
            del listeners[leg]
            if not listeners:
                del self._heard_by[source]
        if sources:
            self._hears[leg] = dict(sources)
        for source in sources:
            self._heard_by.setdefault(source, {})[leg] = None

    def part(self, leg: str) -> None:
        """``leg`` hears nobody and is heard by nobody."""
        self.set(leg, {})
        for listener in self.listeners(leg):
            self.set(listener, {name: gain for name, gain in self._hears[listener].items() if name != leg})

    def sources(self, leg: str) -> Mapping[str, float]:
        """Whom ``leg`` hears."""
        return self._hears.get(leg, {})

    def listeners(self, leg: str) -> tuple[str, ...]:
        """Who hears ``leg``, first come first."""
        return tuple(self._heard_by.get(leg, ()))

    def around(self, legs: Iterable[str]) -> list[str]:
        """``legs`` and all that hang together with them, by whatever way."""
        hears, heard_by = self._hears, self._heard_by
        none: dict[str, None] = {}
        reached = dict.fromkeys(legs)
        waiting = list(reached)
        while waiting:
            leg = waiting.pop()
            beside = hears.get(leg, none).keys() | heard_by.get(leg, none).keys()
            for other in sorted(beside - reached.keys()):
                reached[other] = None
                waiting.append(other)
        return list(reached)


@dataclass(frozen=True, slots=True)
class Plan:
    """``relays``: listener → the one whose packets are passed on to it. ``rooms``: legs that are mixed together."""

    relays: Mapping[str, str]
    rooms: tuple[tuple[str, ...], ...]


def plan(hearing: Hearing, legs: Iterable[str], may_relay: Callable[[str, str], bool]) -> Plan:
    """For ``legs`` (complete, as ``Hearing.around`` gives them).

    A listener is relayed who hears just one leg, at 0 dB, and where ``may_relay(source, listener)`` says that the
    packets may pass as they are: also where that leg itself is mixed (someone whispers to it). A source is relayed to
    one listener, to him who came first.
    """
    legs = tuple(legs)
    relays: dict[str, str] = {}
    for source in legs:
        for listener in hearing.listeners(source):
            sources = hearing.sources(listener)
            if len(sources) == 1 and sources[source] == 0.0 and may_relay(source, listener):
                relays[listener] = source
                break
    links: dict[str, set[str]] = {}
    for listener in legs:
        if listener not in relays and (heard := hearing.sources(listener)):
            links.setdefault(listener, set()).update(heard)
            for source in heard:
                links.setdefault(source, set()).add(listener)
    rooms: list[tuple[str, ...]] = []
    placed: set[str] = set()
    for first in links:
        if first not in placed:
            room = _together(first, links)
            placed.update(room)
            rooms.append(room)
    return Plan(relays, tuple(rooms))


def _together(first: str, links: Mapping[str, set[str]]) -> tuple[str, ...]:
    """``first`` and all that are linked with it, by whatever way."""
    reached = {first: None}
    waiting = [first]
    while waiting:
        for other in sorted(links[waiting.pop()] - reached.keys()):
            reached[other] = None
            waiting.append(other)
    return tuple(reached)
