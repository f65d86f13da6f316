"""Whose turn it is to dial where several campaigns call by the same trunks. Pure.

Two things are shared. **Channels**: while several campaigns want one, none has more than its share, the channels that
campaigns may use divided by those who want them or have some; what the others do not want may be taken. **Calls per
second**: among those who may have a channel the next call is of the one that has dialled least recently. So nobody
starves: whoever wants a line and has less than his share gets the next one after each of the others has had one.

Calls of others go first: a campaign dials only where a channel beyond the reserve is free and no call waits for its
turn on the trunk.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from math import inf
from typing import Final, Protocol

LOOK_TRUNK_S: Final = 1.0
"""So often a campaign that waits for a channel looks again: calls that are no campaign's end without a word to us."""
FORGOTTEN_S: Final = 5.0
"""Who has not asked for so long does not want a line any more."""


class TrunkRoom(Protocol):
    """What trunks have left for campaigns."""

    def members(self, trunk: str) -> Collection[str]:
        """The trunks behind the name of a trunk or group."""
        ...

    def free(self, trunk: str) -> float:
        """Channels of a single trunk that a campaign may take now."""
        ...

    def wait_s(self, trunk: str, coming: int) -> float:
        """How long a call by a single trunk would wait for its turn now, behind ``coming`` others, seconds."""
        ...


class EndlessTrunks:
    """Trunks without limits."""

    def members(self, trunk: str) -> Collection[str]:
        """See ``TrunkRoom``."""
        return (trunk,)

    def free(self, trunk: str) -> float:
        """See ``TrunkRoom``."""
        return inf

    def wait_s(self, trunk: str, coming: int) -> float:
        """See ``TrunkRoom``."""
        return 0.0


@dataclass(slots=True, eq=False)
class _Place:
    """One campaign: its trunks, how many lines it has, of which ``coming`` are not on a trunk yet, when it last asked
    for a line that it wants (None: it does not), the number of its last dial, and what to call when it may ask again.
    """

    members: frozenset[str]
    up: int = 0
    coming: int = 0
    wants_since: float | None = None
    dialled: int = 0
    wake: Callable[[], None] = lambda: None


class Turns:
    """One for the whole house."""

    def __init__(self, room: TrunkRoom | None = None) -> None:
        self._room: TrunkRoom = room or EndlessTrunks()
        self._places: dict[str, _Place] = {}
        self._dials = 0

    def enter(self, campaign: str, trunk: str, wake: Callable[[], None]) -> Callable[[], None]:
        """The campaign begins to call by ``trunk``; ``wake`` is called when it may ask again. The returned function
        says that it calls no more, and its calls have ended.
        """
        place = self._places[campaign] = _Place(frozenset(self._room.members(trunk)), wake=wake)

        def leave() -> None:
            if self._places.get(campaign) is place:
                del self._places[campaign]
            self._wake(place)

        return leave

    def ask(self, campaign: str, now: float) -> float:
        """0: it has a line from now on, to be given back. Else seconds after which to ask again, or when woken."""
        place = self._places[campaign]
        place.wants_since = now
        coming = place.coming + sum(one.coming for one in self._rivals(place))
        usable = [name for name in sorted(place.members) if self._room.free(name) - coming >= 1]
        if not usable:
            return LOOK_TRUNK_S
        wait_s = min(self._room.wait_s(name, coming) for name in usable)
        if wait_s > 0:
            return wait_s
        if not self._is_next(place, usable, now):
            return LOOK_TRUNK_S
        self._dials += 1
        place.up, place.coming, place.dialled = place.up + 1, place.coming + 1, self._dials
        self._wake(place)
        return 0.0

    def content(self, campaign: str) -> None:
        """It wants no line now."""
        place = self._places[campaign]
        if place.wants_since is not None:
            place.wants_since = None
            self._wake(place)

    def sent(self, campaign: str) -> None:
        """A line that it asked for is used: from now on the trunk counts the call itself."""
        if (place := self._places.get(campaign)) is not None:
            place.coming -= 1

    def give_back(self, campaign: str, *, unused: bool = False) -> None:
        """A call of it has ended; ``unused``: it was never ``sent``."""
        if (place := self._places.get(campaign)) is not None:
            place.up -= 1
            if unused:
                place.coming -= 1
                place.wants_since = None
            self._wake(place)

    def _is_next(self, place: _Place, usable: Collection[str], now: float) -> bool:
        rivals = self._rivals(place)
        wanting = [one for one in rivals if one.wants_since is not None and now - one.wants_since <= FORGOTTEN_S]
        if not wanting:
            return True
        held = place.up + sum(one.up for one in rivals)
        having = 1 + sum(one in wanting or one.up > 0 for one in rivals)
        share = max(1.0, (sum(self._room.free(name) for name in usable) + held) / having)
        all_who_want = [place, *wanting]
        allowed = [one for one in all_who_want if one.up < share] or all_who_want
        return place in allowed and place.dialled == min(one.dialled for one in allowed)

    def _rivals(self, place: _Place) -> list[_Place]:
        return [one for one in self._places.values() if one is not place and one.members & place.members]

    def _wake(self, place: _Place) -> None:
        for one in self._rivals(place):
            if one.wants_since is not None:
                one.wake()
