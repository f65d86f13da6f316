"""What is on record of a number: refusals, lists, consents, attempts of all campaigns, complaints. Read within the
transaction that claims a contact, so that nothing can be put on record between the look and the decision.
"""

from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import BindParameter, Connection, and_, bindparam, case, func, or_, select, union

from campaigns.attempt import Result
from campaigns.retry import Past
from campaigns.rules.values import MONTH_S, BarKind, Purpose, Rules, Standing
from store.schema import attempts, calls, campaigns, contacts, queue_entries
from store.schema_desk import dispositions
from store.schema_people import person_numbers
from store.schema_records import complaints
from store.schema_rules import consents, number_bars

_NUMBERS: Final[BindParameter[str]] = bindparam("numbers", expanding=True)
ALL_CAMPAIGNS: Final = select(campaigns.c.name)
"""So a number is found by the index of campaign and number that there is anyway."""

# Built once: each building leaves rings of objects to the cyclic collector.
_BARS: Final = (
    select(number_bars.c.kind).where(number_bars.c.number.in_(_NUMBERS), number_bars.c.freed_at.is_(None)).distinct()
)
_CONSENTS: Final = (
    select(consents.c.purpose).where(consents.c.number.in_(_NUMBERS), consents.c.withdrawn_at.is_(None)).distinct()
)
_MADE: Final = and_(attempts.c.started_at >= bindparam("since"), attempts.c.result != Result.WITHDRAWN.value)
_TRIED: Final = case((attempts.c.number != "", attempts.c.number), else_=contacts.c.number).label("number")
_ATTEMPTS: Final = union(
    select(attempts.c.id, _TRIED, attempts.c.started_at, attempts.c.result)
    .join(contacts, attempts.c.contact == contacts.c.id)
    .where(contacts.c.campaign.in_(ALL_CAMPAIGNS), contacts.c.number.in_(_NUMBERS), _MADE),
    select(attempts.c.id, attempts.c.number, attempts.c.started_at, attempts.c.result).where(
        attempts.c.number.in_(_NUMBERS), _MADE
    ),
)
"""Attempts at contacts who are on a list under one of these numbers, or in which one of them was called."""
_HIS: Final = and_(
    calls.c.started_at >= bindparam("since"),
    or_(calls.c.ani.in_(_NUMBERS), and_(calls.c.direction == "outbound", calls.c.dnis.in_(_NUMBERS))),
)
_COMPLAINED: Final = (
    select(func.max(queue_entries.c.entered_at))
    .join(calls, calls.c.id == queue_entries.c.call_id)
    .where(calls.c.started_at >= bindparam("since"), calls.c.ani.in_(_NUMBERS))
    .where(queue_entries.c.queue.in_(bindparam("queues", expanding=True)))
)
_DISPOSED: Final = (
    select(func.max(dispositions.c.at))
    .join(calls, calls.c.id == dispositions.c.call_id)
    .where(_HIS, dispositions.c.stands, dispositions.c.code.in_(bindparam("codes", expanding=True)))
)
_ON_RECORD: Final = select(
    func.max(complaints.c.day).label("day"),
    func.max(case((complaints.c.closed == "", 1), else_=0)).label("open"),
).where(complaints.c.number.in_(_NUMBERS), or_(complaints.c.day >= bindparam("first"), complaints.c.closed == ""))
_known: Final = person_numbers.alias()
_OF_THE_SAME: Final = (
    select(person_numbers.c.number)
    .where(
        person_numbers.c.person == select(_known.c.person).where(_known.c.number == bindparam("one")).scalar_subquery()
    )
    .order_by(person_numbers.c.place)
)
_NUMBERS_OF: Final = (
    select(person_numbers.c.number)
    .where(person_numbers.c.person == bindparam("whose"))
    .order_by(person_numbers.c.place)
)
_TRIES: Final = (
    select(attempts.c.number, attempts.c.result, attempts.c.started_at, contacts.c.renewed_at)
    .join(contacts, contacts.c.id == attempts.c.contact)
    .where(attempts.c.contact == bindparam("of"), attempts.c.ended_at.is_not(None))
    .where(attempts.c.result != Result.WITHDRAWN.value)
    .order_by(attempts.c.started_at, attempts.c.id)
)
_LONGEST_CALL_S: Final = 86_400.0


def numbers_of_person(connection: Connection, number: str) -> tuple[str, ...]:
    """All numbers of whoever has ``number``, that one among them."""
    found = connection.execute(_OF_THE_SAME, {"one": number}).scalars().all()
    return tuple(found) or (number,)


def past_of(connection: Connection, contact: int, number: str, person: int, promised_at: float | None) -> Past:
    """The numbers of a contact, ``number`` of his list first, and the attempts at him; those from before he was
    promised a call, or is called anew by a living selection, are forgiven.
    """
    others = connection.execute(_NUMBERS_OF, {"whose": person}).scalars().all() if person else ()
    tries = connection.execute(_TRIES, {"of": contact}).all()
    return Past(
        numbers=(number, *(other for other in others if other != number)),
        tried=tuple((row.number or number, row.result) for row in tries),
        forgiven=sum(row.started_at < max(row.renewed_at, promised_at or 0.0) for row in tries),
    )


def standing_of(
    connection: Connection, number: str, rules: Rules, now: float, listed: str = "", promised_at: float | None = None
) -> Standing:
    """What counts ``now`` (epoch seconds) for a call to ``number`` of somebody who is on the list as ``listed``. Tries
    from before he was promised a call do not count: he has asked for this one.
    """
    numbers = list(numbers_of_person(connection, number))
    if listed and listed not in numbers:  # a shared line, which is another's by the lists
        numbers += numbers_of_person(connection, listed)
    his = {"numbers": numbers}
    kinds, purposes = set(BarKind), set(Purpose)
    rows = connection.execute(_ATTEMPTS, {**his, "since": now - MONTH_S}).all()
    counted = [row for row in rows if promised_at is None or row.started_at >= promised_at]
    return Standing(
        number=number,
        bars=frozenset(BarKind(kind) for kind in connection.execute(_BARS, his).scalars() if kind in kinds),
        consents=frozenset(Purpose(it) for it in connection.execute(_CONSENTS, his).scalars() if it in purposes),
        attempts=tuple(row.started_at for row in counted),
        number_attempts=tuple(row.started_at for row in counted if row.number == number),
        complained_at=_complained_at(connection, numbers, rules, now),
        abandoned_at=max((row.started_at for row in rows if row.result == Result.ABANDONED.value), default=None),
    )


def _complained_at(connection: Connection, numbers: list[str], rules: Rules, now: float) -> float | None:
    if not rules.quiet_s:
        return None
    since = {"numbers": numbers, "since": now - rules.quiet_s - _LONGEST_CALL_S}
    found: list[float | None] = [_on_record(connection, numbers, rules, now)]
    if rules.complaint_queues:
        found.append(connection.scalar(_COMPLAINED, {**since, "queues": sorted(rules.complaint_queues)}))
    if rules.complaint_codes:
        found.append(connection.scalar(_DISPOSED, {**since, "codes": sorted(rules.complaint_codes)}))
    return max((at for at in found if at is not None), default=None)


def _on_record(connection: Connection, numbers: list[str], rules: Rules, now: float) -> float | None:
    """When a complaint was put on record: ``now`` while one is open, else the end of the day of the newest."""
    first = datetime.fromtimestamp(now - rules.quiet_s, rules.zone).date().isoformat()
    row = connection.execute(_ON_RECORD, {"numbers": numbers, "first": first}).one()
    if row.open:
        return now
    if row.day is None:
        return None
    over = date.fromisoformat(row.day) + timedelta(days=1)
    return datetime(over.year, over.month, over.day, tzinfo=rules.zone).timestamp()
