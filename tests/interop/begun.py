"""A campaign with its list, begun beside the service as its commands would."""

import os
from collections.abc import Sequence

from campaigns.ports import NewContact
from core.bus import Bus
from core.ids import Ids
from service.clock import SystemClock
from service.orders import START, order
from store.store import Store
from tests.interop.line import Line


async def begin(line: Line, campaign: str, contacts: Sequence[NewContact]) -> None:
    """Take ``contacts`` into the list of ``campaign`` and start it."""
    clock = SystemClock()
    folder = line.folder / "data"
    url = f"sqlite:///{folder / 'line400.db'}"
    async with await Store.open(url, clock, Ids(clock, os.urandom), Bus(), recordings=folder) as store:
        await store.contacts.add(campaign, [list(contacts)])
        await order(store.settings, campaign, START)
