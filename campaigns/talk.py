"""What becomes of a person who has answered: a survey (``campaigns.survey_talk``), or an agent, whom whoever wires the
house finds for him.
"""

from dataclasses import dataclass
from typing import Protocol

from campaigns.attempt import Attempt
from campaigns.ports import Contact
from telephony.call import Call
from telephony.ports import Leg


@dataclass(frozen=True, slots=True)
class Person:
    """``contact`` has answered ``attempt``: he is on ``leg`` of ``call``."""

    leg: Leg
    call: Call
    attempt: Attempt
    contact: Contact


class Fate(Protocol):
    """Is told what becomes of a person who is to talk with an agent."""

    def waits(self) -> None:
        """From now on he is one of those who wait for an agent, and is not cut off by us."""
        ...

    def reached(self, *, abandoned: bool) -> None:
        """He was given an agent, or ``abandoned``: none came in time. Not said of one who hung up before."""
        ...


class Talk(Protocol):
    """Talks with people."""

    async def talk(self, person: Person, fate: Fate) -> Attempt:
        """From the moment at which a person is known to be there to the end of the talk; the attempt with its result.

        Whoever calls this hangs up. Where it is cancelled the attempt is ended by its caller.
        """
        ...
