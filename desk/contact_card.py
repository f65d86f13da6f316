"""What an agent is shown of a person whom a campaign has called."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ContactCard:
    """He stands in the list of ``campaign`` as ``name``, with the other columns of his row."""

    campaign: str
    name: str
    fields: Mapping[str, str] = field(default_factory=dict)
