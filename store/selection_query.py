"""From the conditions of a selection to a query: who meets them all, and how many are left after each.

A person is looked at once for each car that he has (or once, where no condition asks of a car). Each look yields a
depth: how many conditions it meets before the first that it does not. ``CASE`` stops there, so dear conditions are
asked only of those who have come so far. A person's depth is that of his best car.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    FromClause,
    Select,
    and_,
    case,
    exists,
    func,
    literal,
    not_,
    or_,
    select,
    true,
    union_all,
)

from campaigns.rules.values import DAY_S
from core.numbers import Kind as NumberKind
from desk.selection import SHAPES, Condition, Moment, Reason, Warranty, aged, days_ago, in_order, warranty_began
from store.dialled import DIALLED
from store.schema import attempts, contacts
from store.schema_people import people, person_numbers
from store.schema_records import complaints, ownerships, sales, service_visits, vehicles
from store.schema_rules import number_bars
from store.schema_selections import outlooks
from store.tradein_conditions import BEGAN, IN_HIS_TIME, KM, offered, said, touch_due

_his: Final = person_numbers.alias("his")
_LIKE: Final = {
    NumberKind.MOBILE: and_(_his.c.number.like("+861%"), func.length(_his.c.number) == 14),
    NumberKind.FIXED: and_(
        _his.c.number.like("+86%"), not_(and_(_his.c.number.like("+861%"), func.length(_his.c.number) == 14))
    ),
    NumberKind.FOREIGN: and_(_his.c.number.like("+%"), _his.c.number.not_like("+86%")),
    NumberKind.SERVICE: and_(
        or_(_his.c.number.like("400%"), _his.c.number.like("800%")), func.length(_his.c.number) == 10
    ),
    NumberKind.SHORT: and_(_his.c.number.not_like("+%"), func.length(_his.c.number) < 10),
}
"""As ``core.numbers.kind_of`` tells numbers in the form of the house."""
_WITHIN: Final = {
    Reason.CHANCE_3: outlooks.c.within_3,
    Reason.CHANCE_6: outlooks.c.within_6,
    Reason.CHANCE_12: outlooks.c.within_12,
}
_read: Final = service_visits.c


@dataclass(frozen=True, slots=True)
class Query:
    """Conditions ready to be asked. ``order`` are their places in the order in which they are looked at."""

    order: tuple[int, ...]
    of_cars: bool
    source: FromClause
    person: ColumnElement[int]
    conditions: tuple[ColumnElement[bool], ...]
    callable_: ColumnElement[bool]

    def counts(self, shown: int) -> CompoundSelect[Any]:
        """Rows (depth, people, 0): so many meet just that many conditions, one more where no number of theirs is
        barred; and rows (-1, 1, person) of the first ``shown`` who meet all. In one go: the long way is gone once.
        """
        asked = [*self.conditions, self.callable_]
        reached = case(*((not_(each), place) for place, each in enumerate(asked)), else_=len(asked))
        best = (
            select(self.person.label("person"), func.max(reached).label("depth"))
            .select_from(self.source)
            .where(self._candidates())
            .group_by(self.person)
            .cte("best")
        )
        first = (
            select(literal(-1).label("depth"), literal(1).label("many"), best.c.person)
            .where(best.c.depth >= len(self.conditions))
            .order_by(best.c.person)
            .limit(shown)
            .subquery()
        )
        counted = select(best.c.depth, func.count().label("many"), literal(0).label("person")).group_by(best.c.depth)
        return union_all(counted, select(first))

    def people(self, among: Sequence[int] | None = None) -> Select[Any]:
        """Rows (person, vehicle) of those who meet all, by person: each once, with one of his cars ("": none asked);
        of ``among`` only, where that is given.
        """
        car = func.min(ownerships.c.vehicle) if self.of_cars else literal("")
        return (
            select(self.person.label("person"), car.label("vehicle"))
            .select_from(self.source)
            .where(self._candidates(), *self.conditions, *([] if among is None else [self.person.in_(among)]))
            .group_by(self.person)
            .order_by(self.person)
        )

    def _candidates(self) -> ColumnElement[bool]:
        return ownerships.c.until == "" if self.of_cars else true()


def query(conditions: Sequence[Condition], moment: Moment) -> Query:
    """The query for ``conditions``, which have been checked. ``ParseError`` where one asks of an unknown offer."""
    order = tuple(in_order(conditions))
    of_cars = any(SHAPES[each.reason].of_car for each in conditions)
    if of_cars:
        source: FromClause = ownerships.join(person_numbers, person_numbers.c.number == ownerships.c.number).join(
            vehicles, vehicles.c.key == ownerships.c.vehicle
        )
        person: ColumnElement[int] = person_numbers.c.person
    else:
        source, person = people, people.c.id
    asked = tuple(_asked(conditions[place], moment, person, of_cars=of_cars) for place in order)
    barred = exists().where(
        number_bars.c.number == _his.c.number, _his.c.person == person, number_bars.c.freed_at.is_(None)
    )
    return Query(order, of_cars, source, person, asked, not_(barred))


def _asked(condition: Condition, moment: Moment, person: ColumnElement[int], *, of_cars: bool) -> ColumnElement[bool]:
    if SHAPES[condition.reason].of_car:
        asked = _of_car(condition, moment, person)
    elif condition.reason is Reason.INTEREST:
        asked = said(condition, person, of_cars=of_cars)
    elif condition.reason is Reason.TOUCH:
        asked = touch_due(moment, person, of_cars=of_cars)
    else:
        asked = _of_person(condition, moment, person)
    return not_(asked) if condition.negated else asked


def _of_car(condition: Condition, moment: Moment, person: ColumnElement[int]) -> ColumnElement[bool]:
    least, most, names = condition.least, condition.most, condition.names
    days = days_ago(moment.today, least, most)
    match condition.reason:
        case Reason.MODEL:
            return vehicles.c.model.in_(names)
        case Reason.SEGMENT:
            return vehicles.c.segment.in_(names)
        case Reason.BOUGHT:
            return ownerships.c.since.between(*days)
        case Reason.CAR_AGE:
            return BEGAN.between(*aged(moment.today, least, most))
        case Reason.MILEAGE:
            return func.coalesce(KM, -1).between(least or 0, 10**9 if most is None else most)
        case Reason.VISITED:
            of_kind = (_read.kind.in_(names),) if names else ()
            last = select(func.max(_read.day)).where(IN_HIS_TIME, *of_kind).scalar_subquery()
            return func.coalesce(last, "").between(*days)
        case Reason.WARRANTY:
            return _under_warranty(condition, moment)
        case Reason.SOLD:
            return exists().where(
                sales.c.vehicle == ownerships.c.vehicle,
                sales.c.number == _his.c.number,
                _his.c.person == person,
                sales.c.day.between(*days),
            )
        case Reason.OFFER:
            return offered(condition, moment)
        case Reason.CHANCE_3 | Reason.CHANCE_6 | Reason.CHANCE_12:
            chance = _WITHIN[condition.reason]
            same = [outlooks.c[key] == ownerships.c[key] for key in ("vehicle", "number", "since")]
            upto = 1.0 if most is None else most / 100
            return exists().where(*same, chance >= (least or 0) / 100, chance <= upto)
        case _:
            raise AssertionError(condition.reason)  # ``desk.selection.SHAPES`` says that it asks of a car


def _of_person(condition: Condition, moment: Moment, person: ColumnElement[int]) -> ColumnElement[bool]:
    least, most, names = condition.least, condition.most, condition.names
    said = and_(complaints.c.number == _his.c.number, _his.c.person == person)
    match condition.reason:
        case Reason.COMPLAINED:
            return exists().where(said, complaints.c.day.between(*days_ago(moment.today, least, most)))
        case Reason.OPEN_COMPLAINT:
            return exists().where(said, complaints.c.closed == "")
        case Reason.NUMBER:
            return exists().where(_his.c.person == person, or_(*(_LIKE[NumberKind(name)] for name in names)))
        case Reason.CAMPAIGN:
            listed = contacts.c.person == person
            return exists().where(listed, contacts.c.campaign.in_(names)) if names else exists().where(listed)
        case Reason.CALLED:
            since = 0.0 if most is None else moment.now - most * DAY_S
            return exists().where(
                contacts.c.person == person,
                attempts.c.contact == contacts.c.id,
                attempts.c.started_at.between(since, moment.now - (least or 0) * DAY_S),
                DIALLED,
            )
        case _:
            raise AssertionError(condition.reason)


def _under_warranty(condition: Condition, moment: Moment) -> ColumnElement[bool]:
    """It ends by time within the span, and has not ended by kilometres, so far as they are known."""

    def holds(warranty: Warranty) -> ColumnElement[bool]:
        first, last = warranty_began(moment.today, warranty.months, condition.least, condition.most)
        return and_(BEGAN.between(first, last), func.coalesce(KM, 0) < warranty.km)

    special = moment.warranties.of_models
    usual = holds(moment.warranties.usual)
    if not special:
        return usual
    apart = [and_(vehicles.c.model == model, holds(warranty)) for model, warranty in special.items()]
    return or_(*apart, and_(vehicles.c.model.not_in(special), usual))
