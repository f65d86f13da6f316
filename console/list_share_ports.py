"""What the console needs of other rooms for the shares of lists, by the rules of ``console.ports``."""

from collections.abc import Sequence
from typing import Protocol

from campaigns.facts import ListShareChanged
from store.list_shares import ListShare


class ListShareControl(Protocol):
    """Lists that were taken into campaigns."""

    async def of(self, campaign: str) -> Sequence[ListShare]:
        """Those of a campaign, the oldest first."""
        ...

    async def change(self, changed: ListShareChanged) -> bool:
        """From the next contact on it holds; False where the campaign has no such list."""
        ...
