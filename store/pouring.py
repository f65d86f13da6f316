"""A piece of a decided list goes into its campaign. Part of ``store.lists``.

Most rows name one mobile and nothing else. Whose it is follows from that number alone (``desk.people``), so the
database settles them by itself, at a part of what it costs row by row here. Rows with several numbers, or with a line
that may be shared, go the long way; their person is noted beside them until the piece is in.
"""

from typing import Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    Connection,
    Float,
    Text,
    and_,
    bindparam,
    case,
    cast,
    delete,
    exists,
    func,
    insert,
    literal,
    not_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as insert_or_leave  # which SQLite writes as PostgreSQL does

from campaigns.holdout import HELD_OUT
from store.bulk import execute_rows, pieces
from store.contact_states import DONE, PENDING
from store.holdouts import holdout_of
from store.people import Arrival, settle
from store.schema import contacts
from store.schema_people import people, person_numbers, staged

_its = and_(
    staged.c["import"] == bindparam("mine"), staged.c.line.between(bindparam("first_line"), bindparam("last_line"))
)
_one_mobile = and_(
    staged.c.others == "", staged.c.number.like(literal("+861%")), func.length(staged.c.number) == literal(14)
)
_owned = exists().where(person_numbers.c.number == staged.c.number)
_is_there = exists().where(contacts.c.campaign == bindparam("of"), contacts.c.number == staged.c.number)
_nobody = staged.c.person == literal(0)
_new_id = cast(bindparam("before"), BigInteger) + staged.c.line

_OTHERS: Final = (
    select(staged.c.line, staged.c.number, staged.c.others, staged.c.name)
    .where(_its, not_(_one_mobile), not_(_is_there))
    .order_by(staged.c.line)
)
_NOTE: Final = (
    update(staged)
    .where(staged.c["import"] == bindparam("mine"), staged.c.line == bindparam("at"))
    .values(person=bindparam("whose"))
)
_KNOWN: Final = (
    update(staged)
    .where(_its, _one_mobile, _owned)
    .values(person=select(person_numbers.c.person).where(person_numbers.c.number == staged.c.number).scalar_subquery())
)
_UNNAMED: Final = (
    select(people.c.id.label("person"), staged.c.name)
    .join(people, people.c.id == staged.c.person)
    .where(_its, _one_mobile, not_(_nobody), staged.c.name != "", people.c.name == "")
    .order_by(staged.c.line.desc())  # of two names the first is kept
)
_NAME: Final = update(people).where(people.c.id == bindparam("whose")).values(name=bindparam("called"))
_PEOPLE: Final = insert(people).from_select(
    ["id", "name", "made_at"],
    select(_new_id, staged.c.name, cast(bindparam("now"), Float)).where(_its, _one_mobile, _nobody),
)
_NUMBERS: Final = insert(person_numbers).from_select(
    ["number", "person", "place"],
    select(staged.c.number, _new_id, literal(0)).where(_its, _one_mobile, _nobody).order_by(staged.c.number),
)  # in the order of the table, whose pages are then visited one after the other
_CONTACTS: Final = (
    insert_or_leave(contacts)
    .from_select(
        ["campaign", "person", "number", "name", "fields", "state"],
        select(
            cast(bindparam("of"), Text),
            case((_nobody, _new_id), else_=staged.c.person),
            staged.c.number,
            staged.c.name,
            staged.c.fields,
            cast(bindparam("pending"), Text),
        )
        .where(_its)
        .order_by(staged.c.line),
    )
    .on_conflict_do_nothing()  # on the campaign and the number
)
_FRESH: Final = select(contacts.c.id, contacts.c.person).where(
    contacts.c.campaign == bindparam("of"), contacts.c.id >= bindparam("first")
)
_HOLD: Final = update(contacts).values(state=DONE, result=HELD_OUT)


class Lines(NamedTuple):
    """The lines of a piece, both ends in it."""

    first: int
    last: int


def pour(connection: Connection, mine: int, campaign: str, lines: Lines, now: float) -> int:
    """Take the rows of list ``mine`` at ``lines`` into ``campaign``, but for those whose number it has; the id
    that the first of them has, or would have. In the writer's transaction: nobody else makes people or contacts then.
    """
    piece = {"mine": mine, "first_line": lines.first, "last_line": lines.last}
    _settle_others(connection, mine, piece | {"of": campaign}, now)
    connection.execute(_KNOWN, piece)
    if unnamed := connection.execute(_UNNAMED, piece).all():
        connection.execute(_NAME, [{"whose": row.person, "called": row.name} for row in unnamed])
    highest = connection.scalar(select(func.max(people.c.id))) or 0
    fresh = piece | {"before": highest - lines.first + 1}
    connection.execute(_PEOPLE, fresh | {"now": now})
    connection.execute(_NUMBERS, fresh)
    first: int = (connection.scalar(select(func.max(contacts.c.id))) or 0) + 1
    connection.execute(_CONTACTS, fresh | {"of": campaign, "pending": PENDING})
    _hold_out(connection, campaign, first)
    connection.execute(delete(staged).where(_its), piece)
    return first


def _settle_others(connection: Connection, mine: int, piece: dict[str, int | str], now: float) -> None:
    rows = connection.execute(_OTHERS, piece).all()
    arrivals = [Arrival(row.name, [row.number, *row.others.split()]) for row in rows]
    if arrivals:
        noted = zip(rows, settle(connection, arrivals, now), strict=True)
        execute_rows(connection, _NOTE, ("whose", "mine", "at"), [(person, mine, row.line) for row, person in noted])


def _hold_out(connection: Connection, campaign: str, first: int) -> None:
    """Whoever is held out of ``campaign`` is not pending, of the contacts from id ``first`` on."""
    share = holdout_of(connection, campaign)
    if share is None:
        return
    rows = connection.execute(_FRESH, {"of": campaign, "first": first}).all()
    for held in pieces([row.id for row in rows if share.holds(row.person)]):
        connection.execute(_HOLD.where(contacts.c.id.in_(held)))
