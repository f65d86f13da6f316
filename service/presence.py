"""Tells call distribution which agents can be rung: those who have a phone that has not fallen silent."""

from collections.abc import Iterable

from acd.distributor import Distributor
from core.clock import Clock
from telephony.phones import Phones


class Presence:
    """Compares who can be reached with who could be a moment ago; call ``look`` after registrations and now and then,
    since registrations also end in silence.
    """

    def __init__(self, agents: Iterable[str], phones: Phones, distributor: Distributor, clock: Clock) -> None:
        self._agents = dict.fromkeys(agents)
        self._phones = phones
        self._distributor = distributor
        self._clock = clock
        self._reached: set[str] = set()

    def change(self, agents: Iterable[str]) -> None:
        """These are the agents from now on; those who are gone have no phone any more."""
        self._agents = dict.fromkeys(agents)
        for agent in self._reached.difference(self._agents):
            self._reached.discard(agent)
            self._distributor.phone_lost(agent)
        self.look()

    def look(self) -> None:
        """Pass on what has changed."""
        for agent in self._agents:
            self.look_at(agent)

    def look_at(self, agent: str) -> None:
        """Pass on what has changed with one agent."""
        if agent not in self._agents:
            return
        reached = bool(self._phones.targets(agent, self._clock.now()))
        if reached and agent not in self._reached:
            self._reached.add(agent)
            self._distributor.phone_registered(agent)
        elif not reached and agent in self._reached:
            self._reached.discard(agent)
            self._distributor.phone_lost(agent)
