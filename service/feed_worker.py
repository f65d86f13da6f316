"""A process that looks whom a selection brings into a campaign, ``python -m service.feed_worker``: thousands of people
are no work for the process that carries the calls.

An order is one line of JSON on its input; its answer one on its output: ``{"looked": …}`` or ``{"fault": …}``. It ends
with its input, so with the service that it works for; what it leaves behind then is made good by the next look.
"""

import asyncio
import json
import os
import secrets
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from sqlalchemy.exc import SQLAlchemyError

from core.errors import Line400Error
from core.ids import Ids
from desk.offers import Offer
from desk.selection import Moment, Warranties, Warranty
from service.clock import SystemClock
from store.store import Store

_NICE: Final = 5


@dataclass(frozen=True, slots=True)
class FeedOrder:
    """Look into ``campaign`` at the moment that the other fields say."""

    campaign: str
    database: str
    today: str
    now: float
    warranty: tuple[int, int]
    of_models: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    offers: Sequence[Mapping[str, object]] = ()
    campaigns: Sequence[str] = ()


def order_of(campaign: str, database: str, moment: Moment) -> FeedOrder:
    """The order to look at ``moment``."""
    usual = moment.warranties.usual
    special = {model: (each.months, each.km) for model, each in moment.warranties.of_models.items()}
    offers = [asdict(offer) for offer in moment.offers]
    return FeedOrder(
        campaign,
        database,
        moment.today.isoformat(),
        moment.now,
        (usual.months, usual.km),
        special,
        offers,
        moment.campaigns,
    )


def order_line(order: FeedOrder) -> str:
    """The order as the worker reads it; days are ISO text."""
    return json.dumps(asdict(order), default=str) + "\n"


def moment_of_order(order: FeedOrder) -> Moment:
    """The moment at which it is to be looked."""
    special = {model: Warranty(*each) for model, each in order.of_models.items()}
    warranties = Warranties(Warranty(*order.warranty), special)
    today, offers = date.fromisoformat(order.today), tuple(map(_offer, order.offers))
    return Moment(today, order.now, warranties, offers, tuple(order.campaigns))


def _offer(told: Mapping[str, Any]) -> Offer:
    lists = {name: tuple(told[name]) for name in ("models", "segments")}
    days = {name: date.fromisoformat(told[name]) if told[name] else None for name in ("since", "until", "launch")}
    return Offer(**{**told, **lists, **days})


def main() -> None:
    """Carry one order out."""
    for name in (signal.SIGINT, signal.SIGTERM):  # sent to the whole group; the service ends us when it is time
        signal.signal(name, signal.SIG_IGN)
    os.nice(_NICE)
    order = FeedOrder(**json.loads(sys.stdin.readline()))
    threading.Thread(target=_end_with_input, daemon=True).start()
    print(json.dumps(asyncio.run(_carry_out(order)), ensure_ascii=False), flush=True)


async def _carry_out(order: FeedOrder) -> dict[str, object]:
    clock = SystemClock()
    moment = moment_of_order(order)
    try:
        async with await Store.open(
            order.database, clock, Ids(clock, secrets.token_bytes), recordings=Path("recordings")
        ) as store:
            return {"looked": asdict(await store.feeds.look(order.campaign, moment))}
    except Line400Error as error:
        return {"fault": str(error)}
    except (OSError, SQLAlchemyError) as error:
        return {"fault": f"{type(error).__name__}: {error}"}


def _end_with_input() -> None:
    while sys.stdin.readline():
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
