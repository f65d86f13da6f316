"""What came of calls as the store has it, in the form of the API."""

from collections.abc import Iterable

from console.disposition_views import DispositionSaid
from store.disposition_rows import DispositionRow


def dispositions_said(rows: Iterable[DispositionRow]) -> list[DispositionSaid]:
    """The same for people."""
    return [
        DispositionSaid(
            agent=row.agent,
            queue=row.queue,
            code=row.code,
            at=row.at,
            by=row.by,
            note=row.note,
            date=row.date,
            plate=row.plate,
            customer=row.customer,
            stands=row.stands,
        )
        for row in rows
    ]
