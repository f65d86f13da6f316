"""Members of enumerations by plain names, for what is asked for with every caller and every ring.

To name a member by its enumeration costs more than a call in Python 3.11: its metaclass has a ``__getattr__``, which
keeps the interpreter from finding attributes the quick way.
"""

from typing import Final

from acd.agents import AgentInput, AgentState
from acd.facts import OfferResult, QueueOutcome
from acd.lines import EntryInput, EntryState

AVAILABLE: Final = AgentState.AVAILABLE
TALKING: Final = AgentState.TALKING
IN_WRAP_UP: Final = AgentState.WRAP_UP

OFFER: Final = AgentInput.OFFER
ANSWER: Final = AgentInput.ANSWER
TALK_OVER: Final = AgentInput.TALK_OVER
WRAP_UP_OVER: Final = AgentInput.WRAP_UP_OVER

WAITING: Final = EntryState.WAITING
OFFERED: Final = EntryState.OFFERED

IS_OFFERED: Final = EntryInput.OFFER
IS_ANSWERED: Final = EntryInput.ANSWER

ACCEPTED: Final = OfferResult.ACCEPTED
ANSWERED: Final = QueueOutcome.ANSWERED
