"""A house with a past: calls of the last weeks, as its store would hold them."""

import random
import time
from pathlib import Path

from sqlalchemy import insert

from core.clock import VirtualClock
from core.ids import CountingEntropy, Ids
from store.schema import calls, queue_entries
from store.store import Store
from store.writer import Transaction

DAY_S = 86_400.0


async def write_past(database: Path, queues: tuple[str, ...], count: int, days: int = 20) -> None:
    """Put ``count`` calls of the last ``days``, each with a wait in one of ``queues``, into a new ``database``."""
    database.parent.mkdir(parents=True, exist_ok=True)
    chance = random.Random(400)
    now = time.time() - DAY_S
    call_rows, entry_rows = [], []
    for number in range(count):
        at = now - DAY_S * days * chance.random()
        wait_s = chance.expovariate(1 / 18)
        call_rows.append(
            {"id": f"c-{number:06d}", "direction": "inbound", "ani": f"138{number:08d}", "dnis": "4008001234"}
            | {"started_at": at, "answered_at": at + 0.1, "ended_at": at + wait_s + 90, "reason": "normal"}
        )
        entry_rows.append(
            {"id": f"q-{number:06d}", "call_id": f"c-{number:06d}", "queue": chance.choice(queues), "entered_at": at}
            | {"left_at": at + wait_s, "wait_s": wait_s}
            | {"outcome": chance.choices(["answered", "abandoned", "overflowed"], [85, 12, 3])[0]}
        )

    def work(transaction: Transaction) -> None:
        transaction.connection.execute(insert(calls), call_rows)
        transaction.connection.execute(insert(queue_entries), entry_rows)

    clock = VirtualClock(now)
    async with await Store.open(f"sqlite:///{database}", clock, Ids(clock, CountingEntropy())) as store:
        await store.log.write(work)
