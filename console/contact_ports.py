"""What the console needs of other rooms for contacts of campaigns, by the rules of ``console.ports``."""

from typing import Protocol

from desk.contact_card import ContactCard


class ContactQueries(Protocol):
    """Contacts of campaigns."""

    async def of_call(self, call_id: str) -> ContactCard | None:
        """Who is called in the call; None where no campaign calls."""
        ...
