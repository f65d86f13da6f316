"""What can become true of people who have answered a campaign with agents."""

from dataclasses import dataclass

from core.events import Fact, fact


@fact("campaign.abandoned")
@dataclass(frozen=True, slots=True)
class PersonAbandoned(Fact):
    """Contact ``contact`` answered ``attempt`` and had no agent ``waited_s`` later: he is told so, and hung up."""

    campaign: str
    contact: int
    attempt: str
    waited_s: float
