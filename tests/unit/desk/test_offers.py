"""Which offer applies to a car on a day, and when its owner hears of us again."""

from datetime import date, timedelta

import pytest

from desk.interest import MANNERS, Interest, Touch, TouchKind, next_touch, touches
from desk.offers import Offer, OldCar, offer_for
from tests.unit.console.test_words import PAGES

SPECIAL = Offer(
    "老轩逸", "新轩逸", date(2026, 11, 1), date(2026, 12, 31), 9000, models=("轩逸",), years_from=6, years_to=12,
    km_to=150_000, launch=date(2027, 3, 15),
)  # fmt: skip
SEDANS = Offer("轿车", "新天籁", date(2026, 11, 1), date(2027, 6, 30), 5000, segments=("轿车",))
ALL = Offer("通用", "任选", date(2026, 1, 1), date(2027, 12, 31), 2000)
OFFERS = (SPECIAL, SEDANS, ALL)
DAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("car", "day", "expected"),
    [
        (OldCar("轩逸", "轿车", 6.8, 90_000), DAY, SPECIAL),
        (OldCar("轩逸", "轿车", 6.8, None), DAY, SPECIAL),
        (OldCar("轩逸", "轿车", 6.8, 150_001), DAY, SEDANS),
        (OldCar("轩逸", "轿车", 5.9, 90_000), DAY, SEDANS),
        (OldCar("骐达", "轿车", 6.8, 90_000), DAY, SEDANS),
        (OldCar("奇骏", "SUV", 6.8, 90_000), DAY, ALL),
        (OldCar("轩逸", "轿车", 6.8, 90_000), date(2026, 12, 31), SPECIAL),
        (OldCar("轩逸", "轿车", 6.8, 90_000), date(2027, 1, 1), SEDANS),
        (OldCar("轩逸", "轿车", 6.8, 90_000), date(2026, 10, 31), ALL),
        (OldCar("轩逸", "轿车", 6.8, 90_000), date(2028, 1, 1), None),
    ],
)
def test_the_first_that_applies_on_the_day(car: OldCar, day: date, expected: Offer | None) -> None:
    assert offer_for(OFFERS, car, day) == expected


def test_each_says_why_not() -> None:
    car = OldCar("奇骏", "SUV", 3.0, 160_000)
    assert "not for this model" in SPECIAL.why_not(car, DAY)
    assert "3.0 years" in SPECIAL.why_not(OldCar("轩逸", "轿车", 3.0), DAY)
    assert "160000 km" in SPECIAL.why_not(OldCar("轩逸", "轿车", 7.0, 160_000), DAY)
    assert "ended on 2026-12-31" in SPECIAL.why_not(car, date(2027, 1, 1))
    assert "holds from 2026-11-01" in SPECIAL.why_not(car, date(2026, 1, 1))


def test_the_warmer_the_sooner_we_call_again() -> None:
    until = DAY + timedelta(days=90)
    counts = [len(touches(interest, DAY, until)) for interest in Interest]
    assert counts == [12, 3, 1, 0, 0, 0]
    assert set(MANNERS) == set(Interest)
    assert next_touch(Interest.WARM, DAY) == date(2026, 12, 22)
    assert next_touch(Interest.NONE, DAY) is next_touch(Interest.REFUSED, DAY) is None


def test_the_pages_say_it_in_the_same_words() -> None:
    words = (PAGES / "words.js").read_text(encoding="utf-8")
    for interest, manner in MANNERS.items():
        assert f'"interest.{interest}": ["{manner.zh}", "{manner.en}"]' in words


def test_the_launch_calls_for_one_invitation_and_quiet_before_it() -> None:
    launch = date(2027, 3, 15)
    found = touches(Interest.WARM, DAY, date(2027, 4, 30), launch)
    assert [touch.day for touch in found if touch.kind is TouchKind.LAUNCH] == [date(2027, 3, 1)]
    others = [touch.day for touch in found if touch.kind is TouchKind.KEEP_IN_TOUCH]
    assert others == [date(2026, 12, 22), date(2027, 1, 21), date(2027, 2, 20), date(2027, 3, 22), date(2027, 4, 21)]
    assert touches(Interest.COOL, date(2026, 12, 2), date(2027, 3, 10), launch) == (
        Touch(date(2027, 3, 1), TouchKind.LAUNCH),
    ), "nobody is called merely to keep in touch the day after he is invited"


def test_invitations_go_out_two_weeks_before_the_launch() -> None:
    assert SPECIAL.invites_on == date(2027, 3, 1) and SEDANS.invites_on is None
    near = [day for day in (1, 7, 8, 15) if SPECIAL.near_invitation(date(2027, 3, 1) - timedelta(day))]
    assert near == [1, 7] and not SEDANS.near_invitation(DAY)


def test_who_refuses_is_left_alone_even_at_the_launch() -> None:
    assert touches(Interest.REFUSED, DAY, date(2030, 1, 1), date(2027, 3, 15)) == ()


def test_a_launch_that_is_near_or_over() -> None:
    assert touches(Interest.LATER, DAY, DAY + timedelta(days=30), DAY + timedelta(days=3)) == (
        Touch(DAY + timedelta(days=1), TouchKind.LAUNCH),
    )
    assert touches(Interest.LATER, DAY, DAY + timedelta(days=30), DAY) == ()
