"""Conditions of selections that ask of trade-in: whom an offer fits, what he said, and whether he is due to be kept in
touch. Part of ``store.selection_query``.

Where a query looks at cars, what a person said must be of the car that is looked at, or of none that he named.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from math import ceil, floor
from typing import Final

from sqlalchemy import ColumnElement, and_, case, exists, false, func, not_, or_, select, true

from campaigns.attempt import Result
from campaigns.rules.values import DAY_S
from campaigns.tradein.tenure import YEAR_DAYS
from desk.interest import MANNERS
from desk.offers import UNNAMED, Offer
from desk.selection import Condition, Moment
from store.schema import attempts, contacts
from store.schema_interests import interests
from store.schema_people import person_numbers
from store.schema_records import ownerships, service_visits, vehicles

BEGAN: Final = case((vehicles.c.plated != "", vehicles.c.plated), else_=ownerships.c.since)
"""The first plate of the car, or, where it is not known, the day on which he got it."""
IN_HIS_TIME: Final = and_(service_visits.c.vehicle == ownerships.c.vehicle, service_visits.c.day >= ownerships.c.since)
KM: Final = func.coalesce(
    select(func.max(service_visits.c.km)).where(IN_HIS_TIME).scalar_subquery(), ownerships.c.km_since
)
"""The most that was read while he had the car; unknown: NULL."""
TALKED: Final = (Result.COMPLETED.value, Result.PARTIAL.value, Result.TALKED.value)
"""Results of attempts after which one was in touch."""
SEGMENT: Final = case((vehicles.c.segment == "", UNNAMED), else_=vehicles.c.segment)
"""Of the car."""
_word: Final = interests.c


def offered(condition: Condition, moment: Moment) -> ColumnElement[bool]:
    """An offer (of ``names``) fits the car and has not ended; with a span: fits it, and is launched so many days from
    now, whether or not it has ended. ``ParseError`` where there is no such offer.
    """
    named = moment.offers_named(condition.names)
    if condition.least is None and condition.most is None:
        found = [offer for offer in named if moment.today <= offer.until]
    else:
        first, last = condition.least or 0, condition.most
        ahead = [((offer.launch - moment.today).days, offer) for offer in named if offer.launch is not None]
        found = [offer for days, offer in ahead if first <= days and (last is None or days <= last)]
    return or_(false(), *(fits(offer, moment.today) for offer in found))


def said(condition: Condition, person: ColumnElement[int], *, of_cars: bool) -> ColumnElement[bool]:
    """He said one of these levels last."""
    return exists().where(*_his(person, of_cars=of_cars), _word.level.in_(condition.names))


def touch_due(moment: Moment, person: ColumnElement[int], *, of_cars: bool) -> ColumnElement[bool]:
    """It is time to keep in touch, and no invitation to a launch is near."""
    due = exists().where(*_his(person, of_cars=of_cars), word_due(moment.today, moment.now))
    near = [fits(offer, moment.today) for offer in moment.offers if offer.near_invitation(moment.today)]
    if not near:
        return due
    if of_cars:
        return and_(due, not_(or_(*near)))
    his = person_numbers.alias("whose_car")
    one_fits = (
        select(ownerships.c.vehicle)
        .join(vehicles, vehicles.c.key == ownerships.c.vehicle)
        .join(his, his.c.number == ownerships.c.number)
        .where(his.c.person == person, ownerships.c.until == "", or_(*near))
    )
    return and_(due, not_(one_fits.exists()))


def word_due(today: date, now: float) -> ColumnElement[bool]:
    """Of a word: so many days have passed since it was said, and since a campaign has talked with him."""
    levels = [(level, manner.every_days) for level, manner in MANNERS.items() if manner.every_days]
    return or_(
        *(
            and_(
                _word.level == level.value,
                _word.day <= (today - timedelta(days)).isoformat(),
                not_(_talked_since(now - (days - 0.5) * DAY_S)),  # half a day: due from that morning on
            )
            for level, days in levels
        )
    )


def _talked_since(at: float) -> ColumnElement[bool]:
    return exists().where(
        contacts.c.person == _word.person,
        attempts.c.contact == contacts.c.id,
        attempts.c.started_at > at,
        attempts.c.result.in_(TALKED),
    )


def _his(person: ColumnElement[int], *, of_cars: bool) -> Sequence[ColumnElement[bool]]:
    his = [_word.person == person, _word.stands]
    return [*his, or_(_word.vehicle == "", _word.vehicle == ownerships.c.vehicle)] if of_cars else his


def fits(offer: Offer, today: date) -> ColumnElement[bool]:
    """As ``Offer.unfit`` has it."""
    return and_(so_old(offer, today, today), of_kind(offer), so_far(offer))


def so_old(offer: Offer, first: date, last: date) -> ColumnElement[bool]:
    """As many years as it asks for on a day from ``first`` to ``last``."""
    youngest = last - timedelta(ceil(offer.years_from * YEAR_DAYS))
    oldest = first - timedelta(floor(offer.years_to * YEAR_DAYS))
    return BEGAN.between(oldest.isoformat(), youngest.isoformat())


def of_kind(offer: Offer) -> ColumnElement[bool]:
    """Of its models or segments."""
    if not offer.models and not offer.segments:
        return true()
    return or_(vehicles.c.model.in_(offer.models), SEGMENT.in_(offer.segments))


def so_far(offer: Offer) -> ColumnElement[bool]:
    """Of its kilometres, or it is not known of how many."""
    return func.coalesce(KM, offer.km_from).between(offer.km_from, offer.km_to)
