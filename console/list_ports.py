"""What the console needs of other rooms for lists, by the rules of ``console.ports``."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Protocol

from campaigns.list_file import Wanted
from console.list_views import ListView


class ListControl(Protocol):
    """Takes lists of contacts in: a file comes, is looked at, and, when somebody says so, taken into its campaign."""

    def campaigns(self) -> Sequence[str]:
        """Into which campaigns: those of the configuration."""
        ...

    def lists(self) -> Sequence[ListView]:
        """Those that are known, newest first."""
        ...

    def find(self, list_id: str) -> ListView | None:
        """One of them."""
        ...

    async def receive(self, campaign: str, name: str, by: str, pieces: AsyncIterator[bytes]) -> ListView:
        """Keep the file and begin to look at it; what ``pieces`` raises comes out with nothing kept. ``ParseError``
        where it is too large, ``Unavailable`` where too many lists are being worked on.
        """
        ...

    def check(self, list_id: str, wanted: Wanted) -> None:
        """Look again, as ``wanted``. ``LocalProtocolError`` while it is being looked at or taken, or has been."""
        ...

    def take(self, list_id: str, by: str) -> None:
        """Take it in as it was last looked at. ``LocalProtocolError`` where it has not been."""
        ...

    def rejects(self, list_id: str) -> Path | None:
        """The file of the rows that were not taken; None where there is none."""
        ...

    async def forget(self, list_id: str) -> bool:
        """Delete it and its files; False where there is none. ``LocalProtocolError`` while it is being taken in."""
        ...
