"""Who is meant by conditions, worked out in Python from the records themselves, in another way than the query's."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from campaigns.tradein.tenure import years_between
from core.numbers import Kind, kind_of
from desk.interest import MANNERS, Interest, next_touch
from desk.offers import UNNAMED, Offer, OldCar
from desk.records import Complaint, Ownership, Sale, Vehicle, Visit
from desk.selection import SHAPES, Condition, Moment, Reason, Warranties, Warranty, plus_months

MODELS = ("轩逸", "逍客", "天籁")
SEGMENTS = ("紧凑型", "SUV", "")
VISITS = ("保养", "事故", "洗车")
CAMPAIGNS = ("回访", "置换")
TODAY = date(2026, 11, 22)
NOW = 1_795_000_000.0
OFFERS = (
    Offer("老轩逸", "新轩逸", date(2026, 11, 1), date(2027, 1, 31), models=("轩逸",), years_from=3, years_to=6.5,
          launch=date(2026, 12, 13)),
    Offer("紧凑型", "新逍客", date(2026, 12, 1), date(2027, 1, 31), segments=("紧凑型",), km_from=20_000, km_to=90_000),
    Offer("其他", "新天籁", date(2026, 1, 1), date(2026, 11, 21), segments=("其他",), launch=date(2027, 3, 15)),
)  # fmt: skip
"""To the launch of the first one is invited within a week, and the third one has ended."""
MOMENT = Moment(TODAY, NOW, Warranties(Warranty(36, 60_000), {"逍客": Warranty(60, 100_000)}), OFFERS)


@dataclass
class Person:
    """One, with what is on record of him under any of his numbers."""

    numbers: tuple[str, ...]
    owned: list[Ownership] = field(default_factory=list)
    sales: list[Sale] = field(default_factory=list)
    complaints: list[Complaint] = field(default_factory=list)
    campaigns: set[str] = field(default_factory=set)
    called: list[float] = field(default_factory=list)
    talked: list[float] = field(default_factory=list)
    said: list[tuple[str, Interest, date]] = field(default_factory=list)
    """Car ("": none by name), level and day, in the order in which they were said."""
    barred: bool = False


@dataclass
class World:
    """People, visits by car, and the chances that were fitted."""

    people: list[Person]
    visits: dict[str, list[Visit]]
    chances: dict[tuple[str, str, str], tuple[float, float, float]]


def a_world(chance: random.Random, count: int) -> World:
    """``count`` people, most with a car or two."""
    people, visits, chances = [], {}, {}
    for place in range(count):
        numbers = [f"+86138{place:08}"]
        if chance.random() < 0.3:
            numbers.append(f"+862158{place:06}")
        if chance.random() < 0.1:
            numbers = [f"400{place:07}"]
        one = Person(tuple(numbers), barred=chance.random() < 0.2)
        for nth in range(chance.choice((0, 1, 1, 1, 2))):
            since = TODAY - timedelta(chance.randrange(3000))
            plated = "" if chance.random() < 0.5 else (since - timedelta(chance.randrange(900))).isoformat()
            car = Vehicle(f"V{place:06}{nth}", "", chance.choice(MODELS), chance.choice(SEGMENTS), plated)
            until = "" if chance.random() < 0.8 else TODAY.isoformat()
            km = chance.choice((None, chance.randrange(120_000)))
            owner = Ownership(car, chance.choice(numbers), f"客户{place}", since.isoformat(), until, km_since=km)
            one.owned.append(owner)
            for _ in range(chance.randrange(4)):
                day = (TODAY - timedelta(chance.randrange(3200))).isoformat()
                came = Visit(car.key, day, chance.choice(VISITS), chance.choice((None, chance.randrange(150_000))))
                if all((came.day, came.kind) != (each.day, each.kind) for each in visits.get(car.key, ())):
                    visits.setdefault(car.key, []).append(came)
            if chance.random() < 0.5:
                sold = since + timedelta(chance.randrange(3))
                one.sales.append(Sale(car.key, chance.choice(numbers), min(sold, TODAY).isoformat()))
            if chance.random() < 0.7 and not until:
                chances[car.key, owner.number, owner.since] = (
                    chance.random() / 3,
                    chance.random() / 2,
                    chance.random(),
                )
        if chance.random() < 0.3:
            day = (TODAY - timedelta(chance.randrange(400))).isoformat()
            closed = chance.choice(("", TODAY.isoformat()))
            one.complaints.append(Complaint(chance.choice(numbers), day, "异响", closed=closed))
        for _ in range(chance.choice((0, 0, 1, 2, 3))):
            cars = ["", *(car.vehicle.key for car in one.owned if not car.until)]
            said = TODAY - timedelta(chance.choice((3, 10, 40, 100, 400)))
            one.said.append((chance.choice(cars), chance.choice(list(Interest)), said))
        people.append(one)
    return World(people, visits, chances)


def a_condition(chance: random.Random) -> Condition:
    """One that can be."""
    reason = chance.choice(list(Reason))
    shape = SHAPES[reason]
    reach = {"days": 1500, "months": 90, "km": 120_000, "percent": 100, "": 0}[shape.unit]
    ends = sorted(chance.randrange(reach + 1) for _ in range(2))
    least, most = (None, None) if not shape.unit else (ends[0], ends[1])
    if shape.unit and (which := chance.randrange(3)):
        least, most = (None, most) if which == 1 else (least, None)
    known = {
        Reason.MODEL: MODELS, Reason.SEGMENT: ("紧凑型", "SUV"), Reason.VISITED: VISITS, Reason.CAMPAIGN: CAMPAIGNS,
        Reason.NUMBER: tuple(Kind), Reason.INTEREST: tuple(Interest), Reason.OFFER: tuple(each.name for each in OFFERS),
    }.get(reason, ())  # fmt: skip
    names = tuple(chance.sample(known, chance.randrange(1, len(known)))) if known else ()
    if shape.names == "may" and chance.random() < 0.5:
        names = ()
    return Condition(reason, least, most, names, chance.random() < 0.35)


def funnel(world: World, conditions: Sequence[Condition]) -> Iterator[list[int]]:
    """The places of the people who are left after each condition, those of cars first."""
    ordered = sorted(conditions, key=lambda each: not SHAPES[each.reason].of_car)
    of_cars = any(SHAPES[each.reason].of_car for each in conditions)
    for count in range(1, len(ordered) + 1):
        yield [
            place
            for place, one in enumerate(world.people)
            if any(
                all(_holds(world, one, car, each) != each.negated for each in ordered[:count])
                for car in ([car for car in one.owned if not car.until] if of_cars else [None])
            )
        ]


def _km(world: World, car: Ownership) -> int | None:
    read = [each for each in world.visits.get(car.vehicle.key, ()) if each.day >= car.since]
    return max((each.km for each in read if each.km is not None), default=car.km_since)


def _suits(world: World, car: Ownership, offer: Offer) -> bool:
    began = date.fromisoformat(car.vehicle.plated or car.since)
    old = OldCar(car.vehicle.model, car.vehicle.segment or UNNAMED, years_between(began, TODAY), _km(world, car))
    return not offer.unfit(old)


def _stands(one: Person, car: Ownership | None) -> Iterator[tuple[Interest, date]]:
    """What he said last: of the car, or of none by name; without a car of each."""
    last = {vehicle: (level, said) for vehicle, level, said in one.said}
    for vehicle, word in last.items():
        if car is None or vehicle in ("", car.vehicle.key):
            yield word


def _touch(world: World, one: Person, car: Ownership | None) -> bool:
    near = [offer for offer in OFFERS if offer.near_invitation(TODAY)]
    cars = [car] if car is not None else [each for each in one.owned if not each.until]
    if any(_suits(world, each, offer) for each in cars for offer in near):
        return False
    due = ((next_touch(level, said), MANNERS[level].every_days) for level, said in _stands(one, car))
    return any(
        on is not None and on <= TODAY and all((NOW - at) / 86400 >= every - 0.5 for at in one.talked)
        for on, every in due
    )


def _holds(world: World, one: Person, car: Ownership | None, condition: Condition) -> bool:
    least = 0 if condition.least is None else condition.least
    most = 10**9 if condition.most is None else condition.most

    def back(day: str) -> bool:
        return bool(day) and least <= (TODAY - date.fromisoformat(day)).days <= most

    match condition.reason:
        case Reason.COMPLAINED:
            return any(back(each.day) for each in one.complaints)
        case Reason.OPEN_COMPLAINT:
            return any(not each.closed for each in one.complaints)
        case Reason.NUMBER:
            return any(kind_of(number) in condition.names for number in one.numbers)
        case Reason.CAMPAIGN:
            return bool(one.campaigns & set(condition.names) if condition.names else one.campaigns)
        case Reason.CALLED:
            return any(least <= (NOW - at) / 86400 <= most for at in one.called)
        case Reason.INTEREST:
            return any(level in condition.names for level, _ in _stands(one, car))
        case Reason.TOUCH:
            return _touch(world, one, car)
    assert car is not None
    read = [each for each in world.visits.get(car.vehicle.key, ()) if each.day >= car.since]
    km = _km(world, car)
    began = date.fromisoformat(car.vehicle.plated or car.since)
    match condition.reason:
        case Reason.MODEL:
            return car.vehicle.model in condition.names
        case Reason.SEGMENT:
            return car.vehicle.segment in condition.names
        case Reason.BOUGHT:
            return back(car.since)
        case Reason.SOLD:
            return any(each.vehicle == car.vehicle.key and back(each.day) for each in one.sales)
        case Reason.CAR_AGE:
            months = max(count for count in range(-1, 400) if count < 0 or plus_months(began, count) <= TODAY)
            return least <= months <= most
        case Reason.MILEAGE:
            return km is not None and least <= km <= most
        case Reason.VISITED:
            days = [each.day for each in read if not condition.names or each.kind in condition.names]
            return back(max(days, default=""))
        case Reason.WARRANTY:
            warranty = MOMENT.warranties.of_models.get(car.vehicle.model, MOMENT.warranties.usual)
            left = (plus_months(began, warranty.months) - TODAY).days
            return least <= left <= most and (km or 0) < warranty.km
        case Reason.CHANCE_3 | Reason.CHANCE_6 | Reason.CHANCE_12:
            found = world.chances.get((car.vehicle.key, car.number, car.since))
            at = (Reason.CHANCE_3, Reason.CHANCE_6, Reason.CHANCE_12).index(condition.reason)
            return found is not None and least <= found[at] * 100 <= min(most, 100)
        case Reason.OFFER:
            named = [offer for offer in OFFERS if not condition.names or offer.name in condition.names]
            if (condition.least, condition.most) == (None, None):
                return any(offer.until >= TODAY and _suits(world, car, offer) for offer in named)
            ahead = [offer for offer in named if offer.launch and least <= (offer.launch - TODAY).days <= most]
            return any(_suits(world, car, offer) for offer in ahead)
    raise AssertionError(condition.reason)
