"""A piece of a decided list goes into its campaign. Part of ``store.lists``.

Most rows name one mobile and nothing else. Whose it is follows from that number alone (``desk.people``), so the
database settles them by itself, at a part of what it costs row by row here. Rows with several numbers, or with a line
that may be shared, go the long way; their person is noted beside them until the piece is in.
"""

from typing import Final

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

from campaigns.holdout import HELD_OUT
from store.bulk import pieces
from store.contact_states import DONE, PENDING
from store.holdouts import holdout_of
from store.people import Arrival, settle
from store.schema import contacts
from store.schema_people import people, person_numbers, staged

_its = and_(staged.c["import"] == bindparam("mine"), staged.c.line <= bindparam("last"))
_one_mobile = and_(
    staged.c.others == "", staged.c.number.like(literal("+861%")), func.length(staged.c.number) == literal(14)
)
_owned = exists().where(person_numbers.c.number == staged.c.number)
_is_there = exists().where(contacts.c.campaign == bindparam("of"), contacts.c.number == staged.c.number)
_new_id = cast(bindparam("before"), BigInteger) + func.row_number().over(order_by=staged.c.line)

_OTHERS: Final = select(staged).where(_its, not_(_one_mobile), not_(_is_there)).order_by(staged.c.line)
_NOTE: Final = (
    update(staged)
    .where(staged.c["import"] == bindparam("mine"), staged.c.line == bindparam("at"))
    .values(person=bindparam("whose"))
)
_PEOPLE: Final = insert(people).from_select(
    ["id", "name", "made_at"],
    select(_new_id, staged.c.name, cast(bindparam("now"), Float)).where(_its, _one_mobile, not_(_owned)),
)
_NUMBERS: Final = insert(person_numbers).from_select(
    ["number", "person", "place"],
    select(staged.c.number, _new_id, literal(0)).where(_its, _one_mobile, not_(_owned)),
)
_UNNAMED: Final = (
    select(people.c.id.label("person"), staged.c.name)
    .join(person_numbers, person_numbers.c.number == staged.c.number)
    .join(people, people.c.id == person_numbers.c.person)
    .where(_its, _one_mobile, staged.c.name != "", people.c.name == "")
    .order_by(staged.c.line.desc())  # of two names the first is kept
)
_NAME: Final = update(people).where(people.c.id == bindparam("whose")).values(name=bindparam("called"))
_CONTACTS: Final = insert(contacts).from_select(
    ["campaign", "person", "number", "name", "fields", "state"],
    select(
        cast(bindparam("of"), Text),
        case((staged.c.person != 0, staged.c.person), else_=person_numbers.c.person),
        staged.c.number,
        staged.c.name,
        staged.c.fields,
        cast(bindparam("pending"), Text),
    )
    .join(person_numbers, person_numbers.c.number == staged.c.number)
    .where(_its, not_(_is_there))
    .order_by(staged.c.line),
)
_FRESH: Final = select(contacts.c.id, contacts.c.person).where(
    contacts.c.campaign == bindparam("of"), contacts.c.id >= bindparam("first")
)
_HOLD: Final = update(contacts).values(state=DONE, result=HELD_OUT)


def pour(connection: Connection, mine: int, campaign: str, last: int, now: float) -> int:
    """Take the rows of list ``mine`` up to line ``last`` into ``campaign``, but for those whose number it has; the id
    that the first of them has, or would have. In the writer's transaction: nobody else makes people or contacts then.
    """
    piece = {"mine": mine, "last": last}
    _settle_others(connection, mine, piece | {"of": campaign}, now)
    fresh = piece | {"before": connection.scalar(select(func.max(people.c.id))) or 0}
    connection.execute(_PEOPLE, fresh | {"now": now})
    connection.execute(_NUMBERS, fresh)
    if unnamed := connection.execute(_UNNAMED, piece).all():
        connection.execute(_NAME, [{"whose": row.person, "called": row.name} for row in unnamed])
    first: int = (connection.scalar(select(func.max(contacts.c.id))) or 0) + 1
    connection.execute(_CONTACTS, piece | {"of": campaign, "pending": PENDING})
    _hold_out(connection, campaign, first)
    connection.execute(delete(staged).where(_its), piece)
    return first


def _settle_others(connection: Connection, mine: int, piece: dict[str, int | str], now: float) -> None:
    rows = connection.execute(_OTHERS, piece).all()
    arrivals = [Arrival(row.name, [row.number, *row.others.split()]) for row in rows]
    if arrivals:
        noted = zip(rows, settle(connection, arrivals, now), strict=True)
        connection.execute(_NOTE, [{"mine": mine, "at": row.line, "whose": person} for row, person in noted])


def _hold_out(connection: Connection, campaign: str, first: int) -> None:
    """Whoever is held out of ``campaign`` is not pending, of the contacts from id ``first`` on."""
    share = holdout_of(connection, campaign)
    if share is None:
        return
    rows = connection.execute(_FRESH, {"of": campaign, "first": first}).all()
    for held in pieces([row.id for row in rows if share.holds(row.person)]):
        connection.execute(_HOLD.where(contacts.c.id.in_(held)))
