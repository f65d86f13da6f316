"""What the planning of attempts costs: ``python -m bench.claims [--rows 100000] [--attempts 2000] [--json]``.

Two lists are taken into a fresh SQLite file, two numbers for every third contact. Then contacts are claimed and their
attempts ended with results drawn from a fixed seed, an attempt each 0.36 s of virtual time (10,000 an hour), so that
further attempts come due among the fresh ones. CPU is of the whole process with its database thread: decision by the
rules, choice of the number, facts, projection, ledger and commit to disk. It says which part of a core 10,000 attempts
an hour take.
"""

import argparse
import asyncio
import json
import random
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from campaigns.attempt import Attempt, AttemptInput, Result
from campaigns.list_order import Order
from campaigns.ports import Contact, NewContact
from campaigns.retry import RetryPlan, ended
from campaigns.rules.values import Rules, Terms
from core.clock import VirtualClock
from core.ids import Ids
from store.store import Store

AN_HOUR: Final = 10_000
_BATCH: Final = 5000
_RESULTS: Final = (
    *[Result.NO_ANSWER] * 8, *[Result.BUSY] * 3, *[Result.POWERED_OFF] * 2, Result.EMPTY_NUMBER, Result.VOICEMAIL,
    *[Result.REFUSED] * 5,
)  # fmt: skip
_RULES: Final = Rules(a_day=3, in_30_days=9, number_a_day=3, number_in_30_days=9)


@dataclass(frozen=True, slots=True)
class Measure:
    """Milliseconds of CPU for each of ``attempts`` on a list of ``rows``; ``again`` of them were not the first at their
    contact. ``core_pct`` is the part of a core that 10,000 attempts an hour take.
    """

    rows: int
    order: str
    attempts: int
    again: int
    claim_cpu_ms: float
    end_cpu_ms: float
    core_pct: float


def contacts(first: int, rows: int) -> Iterator[list[NewContact]]:
    """A list in batches, up to number ``rows``."""
    for start in range(first, rows, _BATCH):
        yield [
            NewContact(f"+86138{at:08}", "李伟", at + 2, {"车型": "A6"}, (f"+86139{at:08}",) if at % 3 == 0 else ())
            for at in range(start, min(rows, start + _BATCH))
        ]


async def measure(rows: int, attempts: int, order: Order, seed: int = 1) -> Measure:
    """Fill a fresh file and work on it."""
    chance, clock, plan = random.Random(seed), VirtualClock(), RetryPlan()
    claim_s = end_s = 0.0
    again = made = 0
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'line400.db'}"
        async with await Store.open(url, clock, Ids(clock, secrets.token_bytes)) as store:
            await store.contacts.add("bench", contacts(0, rows // 2))
            await store.contacts.add("bench", contacts(rows // 2, rows))
            while made < attempts:
                began = time.process_time()
                claimed = await store.contacts.claim(
                    "bench",
                    attempt=f"a-{made}",
                    call_id=f"c-{made}",
                    terms=Terms(rules=_RULES),
                    retry=plan,
                    order=order,
                )
                claim_s += time.process_time() - began
                clock.advance(3600 / AN_HOUR)
                if not isinstance(claimed, Contact):
                    if claimed is None:
                        break
                    continue
                made += 1
                again += bool(claimed.past.tried)
                attempt = Attempt(f"a-{made - 1}", "bench", claimed.id).step(AttemptInput.DIAL)
                over = attempt.step(AttemptInput.NOT_REACHED, chance.choice(_RESULTS))
                fact = ended(plan, claimed.past, claimed.number, over, clock.now())
                began = time.process_time()
                await store.log.commit(f"c-{made - 1}", fact)
                end_s += time.process_time() - began
    share = (claim_s + end_s) / made * AN_HOUR / 3600
    return Measure(
        rows,
        order.value,
        made,
        again,
        round(claim_s / made * 1e3, 3),
        round(end_s / made * 1e3, 3),
        round(share * 100, 2),
    )


def main(arguments: Sequence[str]) -> int:
    """Measure, and say it."""
    parser = argparse.ArgumentParser(prog="bench.claims")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--attempts", type=int, default=2000)
    parser.add_argument("--order", choices=[order.value for order in Order], default=Order.LIST.value)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    found = asyncio.run(measure(asked.rows, asked.attempts, Order(asked.order)))
    if asked.json:
        print(json.dumps(asdict(found)))
    else:
        print(f"{found.attempts} attempts ({found.again} further ones) on a list of {found.rows}, order {found.order}")
        print(f"claim {found.claim_cpu_ms} ms, end {found.end_cpu_ms} ms of CPU; {AN_HOUR} an hour: {found.core_pct} %")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
