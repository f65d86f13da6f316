"""The process of a list of consents, ``python -m service.consent_worker ZONE``; see ``service.list_worker``. The
order's campaign is the purpose of rows that name none.
"""

import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from campaigns.importer import Checked, Imported
from campaigns.list_reader import Progress
from campaigns.rules.values import Purpose
from service.consents_import import Terms, check_consents, import_consents
from service.list_worker import Order, run
from store.store import Store


def main() -> None:
    """Carry one order out."""
    run(partial(_consents, ZoneInfo(sys.argv[1])))


async def _consents(
    zone: ZoneInfo, order: Order, store: Store, moved: Callable[[Progress], None]
) -> Checked | Imported:
    path, terms = Path(order.path), Terms(Purpose(order.campaign), zone, time.time(), order.by)
    if order.do == "check":
        return await check_consents(path, store.consents, terms, wanted=order.wanted, progress=moved)
    return await import_consents(
        path, store.consent_lists, terms, rejects_file=Path(order.rejects), wanted=order.wanted, progress=moved
    )


if __name__ == "__main__":
    main()
