"""The process of a list of records, ``python -m service.record_worker ZONE``; see ``service.list_worker``. The order's
campaign is the kind of the records.
"""

import sys
from collections.abc import Callable
from datetime import datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from campaigns.importer import Checked, Imported
from campaigns.list_reader import Progress
from service.list_worker import Order, run
from service.records_import import check_records, import_records
from store.store import Store


def main() -> None:
    """Carry one order out."""
    run(partial(_records, ZoneInfo(sys.argv[1])))


async def _records(zone: ZoneInfo, order: Order, store: Store, moved: Callable[[Progress], None]) -> Checked | Imported:
    path, now = Path(order.path), datetime.now(zone)

    def read(rows: int) -> None:
        moved(Progress(0, 0, rows, 0))

    if order.do == "check":
        return await check_records(path, order.campaign, store.records, now, wanted=order.wanted, progress=read)
    taken = await import_records(
        path,
        order.campaign,
        store.records,
        now,
        rejects_file=Path(order.rejects),
        wanted=order.wanted,
        progress=read,
    )
    return Imported(taken.accepted, taken.rejected, taken.rejects_file, taken.first_rejects)


if __name__ == "__main__":
    main()
