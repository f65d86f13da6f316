"""Campaigns whose hours reach into the night: seldom meant, and easily written (20:00-09:00 runs over midnight)."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from core.errors import ConfigError
from ivr.hours import MINUTES_A_DAY, Hours, Span
from ivr.hours_text import parse_hours

if TYPE_CHECKING:
    from service.config_links import Places
    from service.config_model import Config

EVENING: Final = 21 * 60
MORNING: Final = 8 * 60
"""Night is from the one to the other, in minutes after midnight."""
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WEEK: Final = len(_DAYS) * MINUTES_A_DAY


def check_night(config: "Config", at: "Places") -> None:
    """Note campaigns that would call somebody at night, as the hours of the house let them."""
    house: tuple[Span, ...] = (Span(0, _WEEK),)
    named = next((item for item in config.hours if item.name == config.calling.hours), None)
    if named is not None:
        try:
            house = tuple(_week(parse_hours(named.open, holidays="")))
        except ConfigError:
            return  # its own table says what is wrong
    for index, campaign in enumerate(config.campaigns):
        try:
            own = tuple(_week(parse_hours(campaign.hours, holidays="")))
        except ConfigError:
            continue
        first = first_at_night(own, house)
        if first is not None:
            day, minute = divmod(first, MINUTES_A_DAY)
            at.warn(
                ("campaign", index, "hours"),
                f"it would call people at night, first on {_DAYS[day]} at {minute // 60:02}:{minute % 60:02}; are the "
                "times the wrong way round? Night is from 21:00 to 08:00",
            )


def first_at_night(own: tuple[Span, ...], house: tuple[Span, ...]) -> int | None:
    """The first minute of the week at night that both have; None where there is none."""
    found = [
        begins
        for night in _nights()
        for one in own
        for other in house
        if (begins := max(night.start, one.start, other.start)) < min(night.end, one.end, other.end)
    ]
    return min(found, default=None)


def _nights() -> Iterator[Span]:
    for day in range(len(_DAYS)):
        midnight = day * MINUTES_A_DAY
        yield Span(midnight, midnight + MORNING)
        yield Span(midnight + EVENING, midnight + MINUTES_A_DAY)


def _week(hours: Hours) -> Iterator[Span]:
    """Its spans in minutes of the week; what runs over Sunday's midnight is on Monday."""
    for day, spans in enumerate(hours.week):
        for span in spans:
            start, end = day * MINUTES_A_DAY + span.start, day * MINUTES_A_DAY + span.end
            yield Span(start, min(end, _WEEK))
            if end > _WEEK:
                yield Span(0, end - _WEEK)
