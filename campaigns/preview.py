"""Preview: a contact is shown to an agent of the campaign's queue before he is called.

The contact is claimed first, exactly as for a call, so that no two agents see the same one and the rules have allowed
it. Then the agent decides, within a time limit. Unless he dials, not one packet is sent and the attempt is withdrawn:
whoever was skipped, or not decided about, comes again behind the others, not before some minutes have passed.

The rules are asked again when he dials: the contact may have refused meanwhile, or the hours may be over.

By hand (``manual``) the agent has no limit. What he looks at for long is claimed anew from time to time: mostly the
same contact, but for one who may not be called any more.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol, TypeAlias

from campaigns.attempt import Attempt
from campaigns.ports import Contact
from campaigns.rules.values import Decision as Ruling
from campaigns.talk import Talk
from telephony.ports import Leg

NO_AGENT_S: Final = 1.0
"""Where nobody is free after all it is looked again after so long."""

AskedAgain: TypeAlias = Callable[[], Awaitable[Ruling]]
"""May the contact who is shown still be called?"""


class Decision(StrEnum):
    """How a preview ends."""

    DIAL = "dial"
    SKIPPED = "skipped"
    TIMED_OUT = "timed_out"  # the agent did nothing
    RENEWED = "renewed"  # by hand: shown for long, so the rules are to decide anew
    BARRED = "barred"  # he would dial, but the rules forbid it by now
    TAKEN = "taken"  # the agent does something else: a caller's phone call, a pause
    RECALLED = "recalled"  # the campaign was paused or stopped


LATER: Final = frozenset({Decision.SKIPPED, Decision.TIMED_OUT})
"""After these the contact goes behind the others."""


@dataclass(frozen=True, slots=True)
class PreviewTerms:
    """An agent has ``decide_s`` seconds; who is passed over comes again ``again_s`` seconds later at the earliest. With
    ``manual`` he has as long as he likes, and the rules decide anew every ``decide_s`` seconds.
    """

    decide_s: float = 60.0
    again_s: float = 1800.0
    manual: bool = False


@dataclass(frozen=True, slots=True)
class Preview:
    """``contact`` is shown to ``agent`` until ``until`` (epoch seconds; with ``manual`` there is no limit, and he is
    claimed anew then), to be called in call ``call_id``.
    """

    agent: str
    attempt: Attempt
    contact: Contact
    call_id: str
    shown_at: float
    until: float
    manual: bool = False


@dataclass(frozen=True, slots=True)
class Decided:
    """What came of it; ``reason`` is the agent's for skipping, or the rule that forbids."""

    how: Decision
    reason: str = ""


class Company(Talk, Protocol):
    """The agent, on the line before the contact is called; as a ``Talk`` he talks with him."""

    async def reach(self, dialling: Awaitable[Leg]) -> Leg:
        """What ``dialling`` gives or raises; the agent hears meanwhile that it rings. Where he hangs up it is cancelled
        and ``campaigns.attempt.AgentLeft`` raised.
        """
        ...

    async def leave(self) -> None:
        """His part is over; a second time is no error."""
        ...


class Desks(Protocol):
    """The agents' pages and phones; whoever wires the house fills it."""

    def pick(self, wanted: str) -> str:
        """A free agent to whom nothing is shown, ``wanted`` if it can be; "" for nobody. He is kept for ``decided``,
        which must follow at once.
        """
        ...

    async def decided(self, preview: Preview, asked_again: AskedAgain) -> Decided:
        """Show it until it is decided, once ``PreviewShown`` is on disk; whoever would dial hears first what the rules
        say, ``asked_again``. Cancelled: it is shown no more.
        """
        ...

    async def fetch(self, preview: Preview) -> Company | None:
        """Ring the phone of the agent; None where he does not answer."""
        ...


@dataclass(frozen=True, slots=True)
class Previewing:
    """What a campaign in preview has in place of a ``Talk``: it is agents who decide, by ``terms``."""

    desks: Desks
    terms: PreviewTerms = PreviewTerms()
