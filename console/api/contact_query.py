"""Which contacts of a campaign a query asks for, and which of its attempts: parameters as they come."""

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from fastapi import Query

from campaigns.contact_filter import ContactFilter, StageCell

Attempted: TypeAlias = Literal[
    "", "attempts", "connected", "reached", "went_well", "abandoned", "abandoned_30", "dialled", "answered", "ringing",
    "talking", "lately",
]  # fmt: skip
"""Figures of a campaign that count its attempts."""
Stage: TypeAlias = Literal["", "dialled", "reached", "went_well", "agreed", "visited", "bought", "open"]
"""Stages of its conversion, and of whom the days are not over yet."""


@dataclass(frozen=True, slots=True)
class ContactQuery:
    """The parameters of ``/campaigns/{campaign}/results`` and of its tables. ``days`` belongs to ``stage``."""

    state: Literal["", "pending", "dialling", "done"] = ""
    result: Annotated[str, Query(max_length=40)] = ""
    tried: bool = False
    listed: bool = False
    text: Annotated[str, Query(max_length=100)] = ""
    round_: Annotated[int, Query(alias="round", ge=0, le=100_000, description="0: all rounds")] = 0
    stage: Stage = ""
    days: Annotated[int, Query(ge=1, le=730)] = 30

    def filter(self, zone: str, now: float) -> ContactFilter:
        """What they mean ``now`` (epoch seconds), with the days of ``zone``."""
        stage = StageCell(self.stage, self.days, zone, now) if self.stage else None
        return ContactFilter(self.state, self.result, self.tried, self.listed, self.text.strip(), self.round_, stage)
