"""What part of a core planning takes: ``python -m bench.dialling [--rows 1000000] [--seconds 120] [--json]``.

The dialer itself works through a list in a fresh SQLite file, in real time and with its rules: gate, pace, turns, claim
with decision, facts, ledger, choice of the number, end of the attempt and plan of the next. 10,000 attempts an hour are
begun, one each 0.36 s; the network that it calls is made up and rings for some seconds, then it is busy or nobody
answers, so no sound and no SIP is in the figure. CPU is of the whole process with its database thread, beside it that
of the same process while the campaign is paused.
"""

import argparse
import asyncio
import json
import random
import secrets
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from bench.claims import AN_HOUR, contacts
from campaigns.attempt import Attempt
from campaigns.dialer import Dialer
from campaigns.gate import Plan
from campaigns.retry import RetryPlan
from campaigns.rooms import Rooms
from campaigns.rules.values import Rules
from campaigns.talk import Fate, Person
from campaigns.turns import EndlessTrunks, Turns
from core.errors import CallRejected, LocalProtocolError, TransactionTimeout
from core.ids import Ids
from ivr.prompts import Prompts
from store.store import Store
from telephony.ports import Leg

_LINES: Final = 100
_RINGS_S: Final = (4.0, 18.0)
_BUSY: Final = 0.3
_SETTLE_S: Final = 10.0
_RULES: Final = Rules(a_day=3, in_30_days=9, number_a_day=3, number_in_30_days=9)


class WallClock:
    """The machine's time."""

    def now(self) -> float:
        """Epoch seconds."""
        return time.time()


@dataclass(frozen=True, slots=True)
class Measure:
    """``core_pct`` of a core while ``attempts`` were begun in ``seconds`` on a list of ``rows``, ``idle_pct`` while the
    campaign was paused.
    """

    rows: int
    seconds: float
    attempts: int
    attempts_an_hour: int
    core_pct: float
    idle_pct: float


class SteadyTrunk(EndlessTrunks):
    """Gives a line each so many seconds."""

    def __init__(self) -> None:
        self.dialled = 0
        self._next = time.monotonic()

    def wait_s(self, trunk: str, coming: int) -> float:
        """See ``campaigns.turns.TrunkRoom``."""
        return max(0.0, self._next - time.monotonic())

    def used(self) -> None:
        """A call begins."""
        self.dialled += 1
        self._next = max(self._next + 3600 / AN_HOUR, time.monotonic() - 1)


class Nobody:
    """A network in which nobody ever answers."""

    def __init__(self, trunk: SteadyTrunk, chance: random.Random) -> None:
        self._trunk = trunk
        self._chance = chance

    async def dial(
        self, number: str, call_id: str, *, trunk: str, caller_id: str, timeout_s: float, by: str = ""
    ) -> Leg:
        """See ``telephony.ports.Outside``."""
        self._trunk.used()
        await asyncio.sleep(self._chance.uniform(*_RINGS_S))
        if self._chance.random() < _BUSY:
            raise CallRejected(486, "Busy Here")
        raise TransactionTimeout("no answer")


class Silence:
    """Whom nobody reaches nobody talks with."""

    async def talk(self, person: Person, fate: Fate) -> Attempt:
        """See ``campaigns.talk.Talk``."""
        raise LocalProtocolError("somebody has answered")


async def measure(rows: int, seconds: float, seed: int = 1) -> Measure:
    """Fill a fresh file and call."""
    clock, trunk = WallClock(), SteadyTrunk()
    ids = Ids(clock, secrets.token_bytes)
    with tempfile.TemporaryDirectory() as folder:
        async with await Store.open(f"sqlite:///{Path(folder) / 'line400.db'}", clock, ids) as store:
            await store.contacts.add("bench", contacts(0, rows))
            network = Nobody(trunk, random.Random(seed))
            rooms = Rooms(
                network, store.contacts, store.log, clock, ids, Prompts(), None, {},
                rules=lambda: _RULES, turns=Turns(trunk),
            )  # fmt: skip
            plan = Plan("bench", "carrier", "02155550100", concurrency=_LINES, retry=RetryPlan())
            dialer = Dialer(plan, Silence(), rooms)
            task = asyncio.create_task(dialer.run())
            await asyncio.sleep(_SETTLE_S)
            begun = trunk.dialled
            core_pct = await _busy_pct(seconds)
            attempts = trunk.dialled - begun
            dialer.pause()
            await asyncio.sleep(_RINGS_S[1] + 1)
            idle_pct = await _busy_pct(_SETTLE_S)
            dialer.stop()
            await task
    return Measure(rows, seconds, attempts, round(attempts / seconds * 3600), core_pct, idle_pct)


async def _busy_pct(seconds: float) -> float:
    """The part of a core that this process takes for so long, in percent."""
    began, used = time.monotonic(), time.process_time()
    await asyncio.sleep(seconds)
    return round(100 * (time.process_time() - used) / (time.monotonic() - began), 2)


def main(arguments: Sequence[str]) -> int:
    """Measure, and say it."""
    parser = argparse.ArgumentParser(prog="bench.dialling")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args(arguments)
    found = asyncio.run(measure(asked.rows, asked.seconds))
    if asked.json:
        print(json.dumps(asdict(found)))
        return 0
    print(f"list of {found.rows}: {found.attempts} attempts in {found.seconds:.0f} s, {found.attempts_an_hour} an hour")
    print(f"{found.core_pct} % of a core, {found.idle_pct} % while the campaign is paused")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
