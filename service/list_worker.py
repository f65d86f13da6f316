"""A list's process, ``python -m service.list_worker``: looks at a list, or takes it in, and says how far it is.

An order is one line of JSON on its input; what it says are lines of JSON: ``{"at": …}`` now and then, at last
``{"look": …}``, ``{"taken": …}`` or ``{"fault": …}``. It ends with its input, so with the service that it works for,
even where that is killed; what a list has left behind then is swept away or finished by the next (``store.lists``).

What runs here has the machine when calls leave it, and holds no lock of the control process.
"""

import asyncio
import json
import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from sqlalchemy.exc import SQLAlchemyError

from campaigns.importer import Checked, Imported, check_list, import_list
from campaigns.list_file import Wanted
from campaigns.list_reader import Progress
from core.errors import Line400Error
from core.ids import Ids
from service.clock import SystemClock
from store.store import Store

_NICE: Final = 5
_TELL_EVERY_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done with the file at ``path``, which was ``name`` to whoever handed it over."""

    do: Literal["check", "take"]
    path: str
    campaign: str
    database: str
    by: str
    rejects: str
    wanted: Wanted
    name: str


Work: TypeAlias = Callable[[Order, Store, Callable[[Progress], None]], Awaitable[Checked | Imported]]
"""Looks at the list of an order, or takes it in, and tells how far it is."""


def main() -> None:
    """Carry one order out."""
    run(_contacts)


def run(work: Work) -> None:
    """Carry the order out that comes by the input, by ``work``."""
    for name in (signal.SIGINT, signal.SIGTERM):  # sent to the whole group; the service ends us when it is time
        signal.signal(name, signal.SIG_IGN)
    os.nice(_NICE)
    given = json.loads(sys.stdin.readline())
    given["wanted"] = Wanted(**{**given["wanted"], "numbers": tuple(given["wanted"]["numbers"])})
    threading.Thread(target=_end_with_input, daemon=True).start()
    answer = asyncio.run(_carry_out(Order(**given), work))
    _say(answer)


def order_line(order: Order) -> str:
    """The order as the worker reads it."""
    return json.dumps(asdict(order)) + "\n"


async def _carry_out(order: Order, work: Work) -> dict[str, object]:
    clock = SystemClock()
    told_at = 0.0

    def moved(progress: Progress) -> None:
        nonlocal told_at
        if time.monotonic() - told_at >= _TELL_EVERY_S:
            told_at = time.monotonic()
            _say({"at": asdict(progress)})

    try:
        async with await Store.open(
            order.database, clock, Ids(clock, secrets.token_bytes), recordings=Path(order.path).parent
        ) as store:
            done = await work(order, store, moved)
            return {"look" if isinstance(done, Checked) else "taken": _plain(done)}
    except Line400Error as error:
        return {"fault": str(error)}
    except (OSError, SQLAlchemyError) as error:
        return {"fault": f"{type(error).__name__}: {error}"}


async def _contacts(order: Order, store: Store, moved: Callable[[Progress], None]) -> Checked | Imported:
    path = Path(order.path)
    if order.do == "check":
        return await check_list(path, order.campaign, store.contacts, wanted=order.wanted, progress=moved)
    return await import_list(
        path,
        order.campaign,
        store.contacts,
        store.log,
        rejects_file=Path(order.rejects),
        wanted=order.wanted,
        by=order.by,
        progress=moved,
    )


def _plain(done: Checked | Imported) -> dict[str, object]:
    values = asdict(done)
    values["rejects"] = [{"line": each.line, "reason": each.reason} for each in done.first_rejects]
    del values["first_rejects"]
    if isinstance(done, Imported):
        values["file"] = values.pop("rejects_file") is not None
    return values


def _say(what: dict[str, object]) -> None:
    print(json.dumps(what, ensure_ascii=False), flush=True)


def _end_with_input() -> None:
    while sys.stdin.readline():
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
