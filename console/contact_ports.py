"""What the console needs of other rooms for contacts of campaigns, by the rules of ``console.ports``."""

from typing import Protocol

from console.preview_views import PreviewView
from desk.contact_card import ContactCard


class ContactQueries(Protocol):
    """Contacts of campaigns."""

    async def of_call(self, call_id: str) -> ContactCard | None:
        """Who is called in the call; None where no campaign calls."""
        ...


class PreviewControl(Protocol):
    """Contacts that are shown to agents before they are called. ``LocalProtocolError`` where ``attempt`` is not (any
    more) what is shown to ``agent``, he is busy, or the contact may not be called any more.
    """

    def of(self, agent: str) -> PreviewView | None:
        """What is shown to ``agent``, or whom he has just decided to call, until they talk; None for nothing."""
        ...

    async def dial(self, agent: str, attempt: str) -> None:
        """Ring his phone, and once he answers call the contact."""
        ...

    def skip(self, agent: str, attempt: str, reason: str) -> None:
        """Back to the list, behind the others."""
        ...
