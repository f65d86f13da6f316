"""Which contacts of a campaign a query asks for, and which of its attempts: parameters as they come."""

from dataclasses import dataclass
from typing import Annotated, Literal, TypeAlias

from fastapi import Query

from campaigns.contact_filter import ContactFilter

Attempted: TypeAlias = Literal["", "attempts", "connected", "reached", "went_well", "abandoned", "dialled", "answered"]
"""Figures of a campaign that count its attempts."""


@dataclass(frozen=True, slots=True)
class ContactQuery:
    """The parameters of ``/campaigns/{campaign}/results`` and of its tables."""

    state: Literal["", "pending", "dialling", "done"] = ""
    result: Annotated[str, Query(max_length=40)] = ""
    tried: bool = False
    listed: bool = False
    text: Annotated[str, Query(max_length=100)] = ""

    @property
    def filter(self) -> ContactFilter:
        """What they mean."""
        return ContactFilter(self.state, self.result, self.tried, self.listed, self.text.strip())
