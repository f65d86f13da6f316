"""The process of a list of numbers not to be called, ``python -m service.bar_worker``; see ``service.list_worker``. The
order's campaign is the kind of rows that name none.
"""

from collections.abc import Callable
from pathlib import Path

from campaigns.importer import Checked, Imported
from campaigns.list_reader import Progress
from campaigns.rules.values import BarKind
from service.bars_import import Source, check_bars, import_bars
from service.list_worker import Order, run
from store.store import Store


def main() -> None:
    """Carry one order out."""
    run(_bars)


async def _bars(order: Order, store: Store, moved: Callable[[Progress], None]) -> Checked | Imported:
    path, source = Path(order.path), Source(order.name, BarKind(order.campaign), order.by)
    if order.do == "check":
        return await check_bars(path, store.calling, source, wanted=order.wanted, progress=moved)
    return await import_bars(
        path, store.calling, source, rejects_file=Path(order.rejects), wanted=order.wanted, progress=moved
    )


if __name__ == "__main__":
    main()
