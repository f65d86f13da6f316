"""Who looks after a caller's open tasks."""

from typing import Final

from sqlalchemy import BindParameter, Connection, and_, bindparam, or_, select

from core.numbers import one_form
from store.schema import calls, tasks
from store.standings import numbers_of_person

_MOST: Final = 20
_NUMBERS: Final[BindParameter[str]] = bindparam("numbers", expanding=True)
_OWNERS: Final = (
    select(tasks.c.owner)
    .join(calls, calls.c.id == tasks.c.call_id)
    .where(tasks.c.closed_at.is_(None), tasks.c.owner != "")
    .where(
        or_(
            and_(calls.c.direction == "outbound", calls.c.dnis.in_(_NUMBERS)),
            and_(calls.c.direction != "outbound", calls.c.ani.in_(_NUMBERS)),
        )
    )
    .order_by(tasks.c.opened_at.desc(), tasks.c.id)
    .limit(_MOST)
)
"""The customer of a call is the outside party, as ``core.numbers.customer_number`` has it."""


def owners_of(connection: Connection, number: str) -> tuple[str, ...]:
    """Of the open tasks of whoever calls from ``number``, under whichever of his numbers; of the newest task first."""
    numbers = sorted({number, *numbers_of_person(connection, one_form(number))})
    return tuple(dict.fromkeys(connection.execute(_OWNERS, {"numbers": numbers}).scalars()))
