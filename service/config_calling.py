"""What the configuration says of whom campaigns may call: the rules of the house, and what in them leads nowhere."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from campaigns.rules.places import short_place
from campaigns.rules.values import DAY_S, Purpose, Region, Rules
from core.errors import Unavailable
from core.numbers import one_form
from ivr.hours import Hours
from service.number_places import china_places
from telephony.tolls import TollRules

if TYPE_CHECKING:
    from service.config_links import Places
    from service.config_model import Config

_SHOWN: Final = re.compile(r"\+?[0-9]{3,20}")
_PREFIX: Final = re.compile(r"[0-9]{2,11}")
_PLACE: Final = re.compile(r"\s*[\u4e00-\u9fff、]{2,40}\s*")
KEEP_AT_LEAST_DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class CallingSettings:
    """[calling] rules over all campaigns. ``promotions`` lets campaigns call that sell something, where the customer
    has agreed. One person is tried ``per_day`` and ``per_30_days`` times at most, each of his numbers
    ``number_per_day`` and ``number_per_30_days``. After a complaint (a call into one of ``complaint_queues``, a
    disposition of ``complaint_codes``) a customer is left alone for ``quiet_days`` (0: not), who answered and found no
    agent for ``abandoned_again_h`` hours. ``caller_ids`` are ours besides those of the trunks and ``[[number]]``.
    Besides their own hours campaigns keep to ``hours`` (a name; "": none).
    """

    promotions: bool = False
    per_day: int = 1
    per_30_days: int = 3
    number_per_day: int = 1
    number_per_30_days: int = 3
    quiet_days: float = 30.0
    abandoned_again_h: float = 72.0
    complaint_queues: tuple[str, ...] = ("complaint",)
    complaint_codes: tuple[str, ...] = ()
    caller_ids: tuple[str, ...] = ()
    hours: str = ""


@dataclass(frozen=True, slots=True)
class CallingRegionConfig:
    """[[calling_region]] numbers that begin, as dialled within the country, with one of ``prefixes``, or lie in one of
    ``places`` (新疆, 广东省深圳市), are called within the ``hours`` of that name only.
    """

    name: str
    hours: str
    prefixes: tuple[str, ...] = ()
    places: tuple[str, ...] = ()


def _between(low: float, high: float, unit: str = "") -> Callable[[object], str | None]:
    return lambda value: (
        None if isinstance(value, int | float) and low <= value <= high else f"must be from {low:g} to {high:g}{unit}"
    )


def _each(pattern: re.Pattern[str], wanted: str) -> Callable[[object], str | None]:
    def check(value: object) -> str | None:
        items = value if isinstance(value, tuple) else ()
        wrong = next((item for item in items if not pattern.fullmatch(str(item))), None)
        return None if wrong is None else f"{wrong!r} {wanted}"

    return check


CALLING_CHECKS: Final[Mapping[tuple[str, str], Callable[[object], str | None]]] = {
    ("calling", "per_day"): _between(1, 20),
    ("calling", "per_30_days"): _between(1, 100),
    ("calling", "number_per_day"): _between(1, 20),
    ("calling", "number_per_30_days"): _between(1, 100),
    ("calling", "quiet_days"): _between(0, 3650, " days"),
    ("calling", "abandoned_again_h"): _between(0, 720, " hours"),
    ("calling", "caller_ids"): _each(_SHOWN, "must be a number of digits, perhaps with + before it"),
    ("calling_region", "name"): lambda value: None if str(value).strip() else "must not be empty",
    ("calling_region", "prefixes"): _each(_PREFIX, "must be the first 2 to 11 digits as dialled in China: 0991"),
    ("calling_region", "places"): _each(_PLACE, "must be the name of a province or city in Chinese: 新疆"),
    ("campaign", "purpose"): lambda value: (
        None if value in set(Purpose) else f"must be one of {', '.join(Purpose)}"
    ),
    ("campaign", "holidays"): lambda value: None if value in ("CN", "") else 'must be "CN" (Chinese) or "" (none)',
}  # fmt: skip
"""By table and key, beside ``service.config_checks``."""


def rules_of(config: "Config", hours: Mapping[str, Hours]) -> Rules:
    """The rules, for campaigns; ``hours`` by name."""
    told = config.calling
    return Rules(
        promotions=told.promotions,
        a_day=told.per_day,
        in_30_days=told.per_30_days,
        number_a_day=told.number_per_day,
        number_in_30_days=told.number_per_30_days,
        quiet_s=told.quiet_days * DAY_S,
        abandoned_s=told.abandoned_again_h * 3600.0,
        complaint_queues=frozenset(told.complaint_queues),
        complaint_codes=frozenset(told.complaint_codes),
        caller_ids=own_numbers(config),
        tolls=TollRules(config.dialling.allowed, config.dialling.refused),
        hours=hours[told.hours] if told.hours else None,
        regions=tuple(_region(each, hours) for each in config.calling_regions),
        places=china_places() if any(each.places for each in config.calling_regions) else None,
        zone=ZoneInfo(config.zone),
    )


def own_numbers(config: "Config") -> frozenset[str] | None:
    """The numbers that campaigns may show, in the form of the house; None where nothing says which are ours."""
    shown = [*config.calling.caller_ids]
    shown += [number.number for number in config.numbers if _SHOWN.fullmatch(number.number)]
    for trunk in config.trunks:
        shown += [*trunk.caller_ids, *([trunk.caller_id] if trunk.caller_id else [])]
    if not shown:
        return None
    users = [trunk.user for trunk in config.trunks if _SHOWN.fullmatch(trunk.user)]
    return frozenset(one_form(number) for number in (*shown, *users))


def check_calling(config: "Config", at: "Places") -> None:
    """Note hours, codes and queues that are not there, and campaigns that could call nobody."""
    told = config.calling
    hours = [item.name for item in config.hours]
    named = [(("calling", "hours"), told.hours)] if told.hours else []
    wanted = [*named, *((("calling_region", index, "hours"), each.hours) for index, each in _regions(config))]
    for path, name in wanted:
        if name not in hours:
            at.fault(path, f"there is no [[hours]] {name!r}; known: {', '.join(hours) or 'none'}")
    for index, each in _regions(config):
        if not each.prefixes and not each.places:
            at.fault(
                ("calling_region", index, "prefixes"), "must name one beginning of numbers at least, or places one"
            )
        _check_places(each.places, ("calling_region", index, "places"), at)
    codes = [each.code for each in config.dispositions]
    for code in told.complaint_codes:
        if code not in codes:
            at.fault(("calling", "complaint_codes"), f"there is no [[disposition]] {code!r}; known: {', '.join(codes)}")
    ours = own_numbers(config)
    for index, campaign in enumerate(config.campaigns):
        if ours is None:
            at.warn(
                ("campaign", index, "caller_id"),
                "cannot be judged, so any number could be shown: say which are ours by caller_ids of the [[trunk]], by "
                "[[number]] or by [calling] caller_ids",
            )
        if ours is not None and one_form(campaign.caller_id) not in ours:
            at.warn(
                ("campaign", index, "caller_id"),
                f"{campaign.caller_id} is no number of ours, so the campaign may call nobody: it must be a caller_id "
                "of a trunk, a [[number]], or stand in [calling] caller_ids",
            )
        if campaign.purpose == Purpose.PROMOTION and not told.promotions:
            at.warn(
                ("campaign", index, "purpose"),
                "promotional calls are switched off, so the campaign may call nobody; see [calling] promotions",
            )
    keep = config.recording.keep_days
    if config.campaigns and 0 < keep < KEEP_AT_LEAST_DAYS:
        at.warn(
            ("recording", "keep_days"),
            f"recordings of campaigns must be kept for {KEEP_AT_LEAST_DAYS} days at least; {keep} is less",
        )


def _region(each: CallingRegionConfig, hours: Mapping[str, Hours]) -> Region:
    return Region(each.name, each.prefixes, hours[each.hours], tuple(short_place(place) for place in each.places))


def _check_places(places: tuple[str, ...], path: tuple[str, int, str], at: "Places") -> None:
    """Note the first of ``places`` in which no number is known to lie."""
    if not places:
        return
    try:
        known = china_places()
    except Unavailable as error:
        at.fault(path, str(error))
        return
    strange = next((place for place in places if not known.has(short_place(place))), None)
    if strange is None:
        return
    like = get_close_matches(short_place(strange), (*known.provinces, *known.names), n=3, cutoff=0.5)
    meant = f"; perhaps {', '.join(like)}" if like else ""
    provinces = ", ".join(known.provinces)
    at.fault(
        path, f"no number is known to lie in {strange!r}{meant}. A name is written from its province on: {provinces}"
    )


def _regions(config: "Config") -> list[tuple[int, CallingRegionConfig]]:
    return list(enumerate(config.calling_regions))
