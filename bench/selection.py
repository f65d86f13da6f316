"""How long the preview of a selection takes over many people with cars: ``python -m bench.selection``.

``[--people 100000] [--url URL] [--repeat 5] [--json]``. The records are made up from a fixed seed: a car each, two
visits, sales, complaints, outlooks; every fiftieth has said how much he would replace his car. They lie in a fresh
SQLite file, or in the empty database at ``--url``. Each row of the result is a selection with the median and the
longest time of its preview (all counts, and the first twenty people) and the processor time of one, the database's too
where that is SQLite.
"""

import argparse
import asyncio
import json
import random
import secrets
import statistics
import tempfile
import time
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from campaigns.ports import NewContact
from core.ids import Ids
from desk.interest import Interest
from desk.offers import Offer
from desk.record_sheets import Record
from desk.records import Complaint, Ownership, Sale, Vehicle, Visit
from desk.selection import Condition, Moment, Reason
from store.interests import Said
from store.selections import OutlookRow
from store.store import Store

_TODAY: Final = date(2026, 11, 22)
_MODELS: Final = ("轩逸", "逍客", "天籁", "奇骏", "骐达", "途乐")
_PIECE: Final = 20_000
_FIRST: Final = 19_900_000_000
_OFFER: Final = Offer(
    "老车", "新轩逸", _TODAY, _TODAY + timedelta(60), models=("轩逸", "骐达"), years_from=4, km_to=150_000,
    launch=_TODAY + timedelta(10),
)  # fmt: skip
SELECTIONS: Final[Mapping[str, tuple[Condition, ...]]] = {
    "one model": (Condition(Reason.MODEL, names=("轩逸",)),),
    "not visited for half a year": (Condition(Reason.VISITED, 0, 180, negated=True),),
    "warranty ends within 60 days": (Condition(Reason.WARRANTY, 0, 60),),
    "complained, in no campaign": (Condition(Reason.COMPLAINED, 0, 90), Condition(Reason.CAMPAIGN, negated=True)),
    "invited to a launch": (
        Condition(Reason.OFFER, 0, 14, ("老车",)),
        Condition(Reason.INTEREST, names=("hot", "warm")),
    ),
    "due to be kept in touch": (Condition(Reason.TOUCH),),
    "eight conditions": (
        Condition(Reason.CAR_AGE, 24, 120),
        Condition(Reason.MILEAGE, 20_000, 150_000),
        Condition(Reason.VISITED, 90, None, ("保养",)),
        Condition(Reason.CHANCE_6, 10, None),
        Condition(Reason.SOLD, None, 3650),
        Condition(Reason.COMPLAINED, 0, 30, negated=True),
        Condition(Reason.NUMBER, names=("mobile",)),
        Condition(Reason.CALLED, 0, 30, negated=True),
    ),
}


class WallClock:
    """The machine's time."""

    def now(self) -> float:
        """Epoch seconds."""
        return time.time()


async def fill(store: Store, people: int, chance: random.Random) -> None:
    """So many people with a car each; every tenth is in a campaign."""
    outlooks: list[OutlookRow] = []
    for start in range(0, people, _PIECE):
        records: list[Record] = []
        for place in range(start, min(start + _PIECE, people)):
            number, vin = f"+86{_FIRST + place}", f"LSYNTHETC{place:08d}"
            since = _TODAY - timedelta(chance.randrange(5000))
            car = Vehicle(vin, "", chance.choice(_MODELS), "", since.isoformat())
            records.append(Ownership(car, number, f"合成客户{place}", since.isoformat(), km_since=0))
            for nth in (1, 2):
                day = min(_TODAY, since + timedelta(chance.randrange(1, 1500) * nth))
                records.append(Visit(vin, day.isoformat(), chance.choice(("保养", "事故")), chance.randrange(160_000)))
            if place % 2:
                records.append(Sale(vin, number, since.isoformat(), 100_000))
            if place % 20 == 0:
                day = _TODAY - timedelta(chance.randrange(400))
                records.append(Complaint(number, day.isoformat(), "异响"))
            chances = (chance.random() / 8, chance.random() / 4, chance.random() / 2)
            outlooks.append(OutlookRow(vin, number, since.isoformat(), chances))
        await store.records.take([each for each in records if isinstance(each, Ownership)])
        await store.records.take([each for each in records if not isinstance(each, Ownership)])
    await store.selections.keep_outlooks(outlooks)
    rows = [NewContact(f"+86{_FIRST + place}", "", place) for place in range(0, people, 10)]
    await store.contacts.add("after-service", [rows])
    for place in range(0, people, 50):
        said = Said(chance.choice(list(Interest)))
        await store.interests.say("", f"+86{_FIRST + place}", said, _TODAY - timedelta(chance.randrange(100)))


async def measure(url: str, people: int, repeat: int) -> Sequence[Mapping[str, object]]:
    """A row for each selection."""
    clock = WallClock()
    rows: list[Mapping[str, object]] = []
    async with await Store.open(url, clock, Ids(clock, secrets.token_bytes)) as store:
        await fill(store, people, random.Random(400))
        moment = Moment(_TODAY, clock.now(), offers=(_OFFER,))
        for name, conditions in SELECTIONS.items():
            took = []
            began_cpu = time.process_time()
            for _ in range(repeat):
                began = time.perf_counter()
                found = await store.selections.preview(conditions, moment)
                took.append(time.perf_counter() - began)
            rows.append(
                {
                    "selection": name,
                    "people": found.people,
                    "matching": found.matching,
                    "median_s": round(statistics.median(took), 3),
                    "longest_s": round(max(took), 3),
                    "cpu_s": round((time.process_time() - began_cpu) / repeat, 3),
                    "repeat": repeat,
                }
            )
    return rows


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--url", default="")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = options.url or f"sqlite:///{Path(folder) / 'line400.db'}"
        rows = asyncio.run(measure(url, options.people, options.repeat))
    for row in rows:
        print(json.dumps(row, ensure_ascii=False) if options.json else "  ".join(f"{key} {row[key]}" for key in row))


if __name__ == "__main__":
    main()
