"""The process that ``test_lists`` kills: takes a list in, and says how far it is."""

import asyncio
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from campaigns.ports import NewContact
from core.ids import Ids
from store import lists
from store.store import Store

CAMPAIGN = "spring"
BATCHES, BATCH = 8, 50


class WallClock:
    def now(self) -> float:
        return time.time()


def rows() -> Iterator[Sequence[NewContact]]:
    for batch in range(BATCHES):
        first = batch * BATCH
        yield [NewContact(f"+86138{number:08}", "", number + 2) for number in range(first, first + BATCH)]
        print("staged", flush=True)


async def main(url: str) -> None:
    lists.PIECE = lists.PIECE_MOST = BATCH  # type: ignore[misc]
    clock = WallClock()
    async with await Store.open(url, clock, Ids(clock, os.urandom), recordings=Path()) as store:
        await store.contacts.add(CAMPAIGN, rows(), lambda _done, _of: print("poured", flush=True))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
