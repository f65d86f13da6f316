"""For ``bench.rules``: random worlds in which a call is decided, and what must come out, found by another way: the
history is gone through and counted, the calendars are read as tables of minutes, nothing is asked of the product.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import chinese_calendar

from campaigns.rules.places import PlaceTable, short_place
from campaigns.rules.values import BarKind, Purpose, Region, Rules, Standing, Terms
from ivr.hours import Hours, Span
from telephony.tolls import TollRules

DAY_S: Final = 86_400
MONTH_S: Final = 30 * DAY_S
NUMBERS: Final = (
    ("+8613800138000", "13800138000"),
    ("+869914567890", "09914567890"),
    ("4008001234", "4008001234"),
    ("+12025550123", "0012025550123"),
)
"""As the house keeps them, and as they are dialled."""
ALLOWED: Final = ((), ("+1",), ("+1202", "+44"))
REFUSED: Final = ((), (), ("+1202",), ("+1", "0991"), ("13800138", "4008"))
REGIONS: Final = ("0991", "099", "新疆", "138", "13800", "云南省", "400", "西藏")
"""By their first digits, or by the place."""
PLACES: Final = ("新疆维吾尔自治区乌鲁木齐市", "新疆喀什地区", "云南省昆明市", "云南西双版纳", "西藏拉萨市")
SHOWN: Final = (("02155550100", "+862155550100"), ("4008001234", "4008001234"), ("+8613900139000", "+8613900139000"))
STEADY: Final = ("Asia/Shanghai", "Asia/Urumqi")
"""Zones whose clocks are not changed."""
ZONES: Final = (*STEADY, *STEADY, "Europe/Berlin", "America/New_York")
FIRST_DAY: Final = 1_672_531_200  # 2023-01-01
LAST_DAY: Final = 1_830_297_600  # 2028-01-01
ORDER: Final = (
    "refused", "do_not_call", "promotions_off", "no_consent", "caller_id", "dialling", "complaint", "abandoned",
    "person_day", "person_30_days", "number_day", "number_30_days", "list_hours", "house_hours", "region_hours",
)  # fmt: skip
FOR_GOOD: Final = frozenset(ORDER[:6])


@dataclass(frozen=True)
class Calendar:
    """Opening minutes by weekday, as (start, end) with an end beyond 1440 after midnight."""

    week: tuple[tuple[tuple[int, int], ...], ...]
    zone: str
    holidays: bool
    closed: frozenset[date]

    def hours(self) -> Hours:
        """The same for the product."""
        week = tuple(tuple(sorted(Span(*span) for span in spans)) for spans in self.week)
        return Hours(week, ZoneInfo(self.zone), self.holidays, extra_closed=self.closed)

    def ever_opens(self) -> bool:
        """Whether there is a day with hours."""
        return any(self.week)

    def is_open(self, now: float) -> bool:
        """Whether ``now`` lies within them."""
        local = datetime.fromtimestamp(now, ZoneInfo(self.zone))
        minute, today = local.hour * 60 + local.minute, local.date()
        here = any(start <= minute < end for start, end in self._of(today))
        return here or any(start <= minute + 1440 < end for start, end in self._of(today - timedelta(days=1)))

    def _of(self, day: date) -> tuple[tuple[int, int], ...]:
        if day in self.closed:
            return ()
        makes_up = day in chinese_calendar.constants.workdays
        if self.holidays and not makes_up and day in chinese_calendar.constants.holidays:
            return ()
        if self.holidays and makes_up and day.weekday() > 4:
            return self.week[0] or self.week[day.weekday()]
        return self.week[day.weekday()]


@dataclass(frozen=True)
class World:
    """One campaign, one house, one person with his history of (moment, what)."""

    purpose: Purpose
    promotions: bool
    caps: tuple[int, int, int, int]
    quiet_s: int
    abandoned_s: int
    caller_id: str
    ours: frozenset[str] | None
    allowed: tuple[str, ...]
    refused: tuple[str, ...]
    in_list: Calendar | None
    in_house: Calendar | None
    regions: tuple[tuple[str, Calendar], ...]
    places: tuple[tuple[str, str], ...]
    zone: str
    number: str
    dialled: str
    history: tuple[tuple[int, str], ...] = field(default=())

    def terms(self) -> Terms:
        """The same for the product."""
        rules = Rules(
            promotions=self.promotions,
            a_day=self.caps[0],
            in_30_days=self.caps[1],
            number_a_day=self.caps[2],
            number_in_30_days=self.caps[3],
            quiet_s=float(self.quiet_s),
            abandoned_s=float(self.abandoned_s),
            caller_ids=self.ours,
            tolls=TollRules(self.allowed, self.refused),
            hours=self.in_house.hours() if self.in_house else None,
            regions=tuple(_region(word, calendar.hours()) for word, calendar in self.regions),
            places=PlaceTable.of(dict(self.places)),
            zone=ZoneInfo(self.zone),
        )
        return Terms(self.purpose, self.caller_id, self.in_list.hours() if self.in_list else None, rules)

    def standing(self) -> Standing:
        """What is on record at the end of the history."""
        bars: set[BarKind] = set()
        consents: set[Purpose] = set()
        for _, what in self.history:
            if what == "refuse":
                bars.add(BarKind.REFUSED)
            elif what == "free":
                bars.discard(BarKind.REFUSED)
            elif what == "list":
                bars.add(BarKind.LISTED)
            elif what == "unlist":
                bars.discard(BarKind.LISTED)
            elif what == "agree":
                consents.add(Purpose.PROMOTION)
            elif what == "withdraw":
                consents.discard(Purpose.PROMOTION)
        here = tuple(float(at) for at, what in self.history if what == "call")
        elsewhere = tuple(float(at) for at, what in self.history if what in ("call_elsewhere", "call_lost"))
        lost = [float(at) for at, what in self.history if what == "call_lost"]
        complaints = [float(at) for at, what in self.history if what == "complain"]
        return Standing(
            self.number,
            frozenset(bars),
            frozenset(consents),
            here + elsewhere,
            here,
            max(complaints, default=None),
            max(lost, default=None),
        )

    def calendars(self) -> dict[str, Calendar | None]:
        """By the rule that keeps to it."""
        place = self._place()
        fits = ((self.dialled if word.isdigit() else place).startswith(word.rstrip("省")) for word, _ in self.regions)
        region = next((calendar for fit, (_, calendar) in zip(fits, self.regions, strict=True) if fit), None)
        return {"list_hours": self.in_list, "house_hours": self.in_house, "region_hours": region}

    def forbids(self, now: float) -> list[str]:
        """Every rule that forbids the call, in the order of the rules."""
        calls = [(at, what) for at, what in self.history if what.startswith("call")]
        here = [at for at, what in calls if what == "call"]
        every = [at for at, _ in calls]
        complaints = [at for at, what in self.history if what == "complain"]
        promotion = self.purpose == "promotion"
        verdict = {
            "refused": self._last("refuse", "free") == "refuse",
            "do_not_call": self._last("list", "unlist") == "list",
            "promotions_off": promotion and not self.promotions,
            "no_consent": promotion and self._last("agree", "withdraw") != "agree",
            "caller_id": self.ours is not None and dict(SHOWN)[self.caller_id] not in self.ours,
            "dialling": self._may_not_be_dialled(),
            "complaint": self.quiet_s > 0 and any(now - at < self.quiet_s for at in complaints),
            "abandoned": any(now - at < self.abandoned_s for at, what in calls if what == "call_lost"),
            "person_day": self._on_day(every, now) >= self.caps[0],
            "person_30_days": sum(now - at < MONTH_S for at in every) >= self.caps[1],
            "number_day": self._on_day(here, now) >= self.caps[2],
            "number_30_days": sum(now - at < MONTH_S for at in here) >= self.caps[3],
        }
        for rule, calendar in self.calendars().items():
            verdict[rule] = calendar is not None and not calendar.is_open(now)
        return [rule for rule in ORDER if verdict[rule]]

    def for_good(self, now: float) -> bool:
        """Whether time alone will never change it."""
        shut = any(calendar is not None and not calendar.ever_opens() for calendar in self.calendars().values())
        return shut or not FOR_GOOD.isdisjoint(self.forbids(now))

    def _place(self) -> str:
        known = [(len(start), place) for start, place in self.places if self.number.startswith(f"+86{start}")]
        return max(known)[1] if known else ""

    def _may_not_be_dialled(self) -> bool:
        """By the longest entry that fits, a refusal of two that are alike; without one only numbers in the country."""
        entries = [(len(entry), "refused", entry) for entry in self.refused]
        entries += [(len(entry), "allowed", entry) for entry in self.allowed]
        fitting = [each for each in entries if self.number.startswith(each[2]) or self.dialled.startswith(each[2])]
        return max(fitting)[1] == "refused" if fitting else self.dialled.startswith("00")

    def _last(self, *words: str) -> str:
        return next((what for _, what in reversed(self.history) if what in words), "")

    def _on_day(self, calls: Sequence[int], now: float) -> int:
        """Calls of today; those that lie ahead (the clock was put back) count too."""
        zone = ZoneInfo(self.zone)
        today = datetime.fromtimestamp(now, zone).date()
        return sum(datetime.fromtimestamp(at, zone).date() >= today for at in calls)


def _region(word: str, hours: Hours) -> Region:
    return Region(word, (word,), hours) if word.isdigit() else Region(word, (), hours, (short_place(word),))


def a_calendar(chance: random.Random, *, zones: Sequence[str] = ZONES) -> Calendar:
    """Usual calling hours, odd ones, and now and then none at all."""
    kind = chance.random()
    if kind < 0.02:
        week: tuple[tuple[tuple[int, int], ...], ...] = ((),) * 7
    elif kind < 0.5:
        usual = ((540, 720), (810, 1200))
        week = (*((usual,) * 5), *((usual if chance.random() < 0.7 else (),) * 2))
    else:
        week = tuple(
            tuple(_a_span(chance) for _ in range(chance.choice((0, 1, 1, 1, 2)))) for _ in range(7)
        )  # fmt: skip
    first = date(2023, 1, 1).toordinal()
    closed = frozenset(date.fromordinal(first + chance.randrange(1826)) for _ in range(chance.choice((0, 0, 3))))
    return Calendar(week, chance.choice(list(zones)), chance.random() < 0.5, closed)


def _a_span(chance: random.Random) -> tuple[int, int]:
    start = chance.randrange(0, 96) * 15
    return start, start + chance.choice((15, 60, 120, 240, 480, 720))


def a_world(chance: random.Random, *, zones: Sequence[str] = ZONES) -> World:
    """A campaign and a house, without a history."""
    number, dialled = chance.choice(NUMBERS)
    ours = frozenset(kept for _, kept in SHOWN if chance.random() < 0.8) if chance.random() < 0.5 else None

    def maybe(share: float) -> Calendar | None:
        return a_calendar(chance, zones=zones) if chance.random() < share else None

    return World(
        purpose=chance.choice((Purpose.SERVICE, Purpose.SERVICE, Purpose.PROMOTION)),
        promotions=chance.random() < 0.8,
        caps=(chance.choice((1, 1, 2, 3)), chance.choice((3, 3, 1, 5)), chance.choice((1, 2)), chance.choice((2, 3))),
        quiet_s=chance.choice((0, DAY_S, 7 * DAY_S, MONTH_S)),
        abandoned_s=chance.choice((0, 3 * DAY_S, 7 * DAY_S)),
        caller_id=chance.choice(SHOWN)[0],
        ours=ours,
        allowed=chance.choice(ALLOWED),
        refused=chance.choice(REFUSED),
        in_list=maybe(0.8),
        in_house=maybe(0.3),
        regions=tuple(
            (word, a_calendar(chance, zones=zones)) for word in REGIONS if chance.random() < 0.2
        ),
        places=tuple({
            number[3 : 3 + chance.randrange(2, 9)]: chance.choice(PLACES)
            for number, _ in NUMBERS[:2] for _ in range(chance.choice((0, 1, 3)))
        }.items()),
        zone=chance.choice(list(zones)),
        number=number,
        dialled=dialled,
    )  # fmt: skip


def a_moment(chance: random.Random, world: World) -> int:
    """Any second of five years; often the very second at which something opens, ends or begins to count."""
    now = chance.randrange(FIRST_DAY, LAST_DAY)
    if chance.random() < 0.5:
        return now
    local = datetime.fromtimestamp(now, ZoneInfo(world.zone))
    edge = chance.choice((0, 540, 720, 810, 1200, chance.randrange(96) * 15))
    at = datetime(local.year, local.month, local.day, tzinfo=ZoneInfo(world.zone)) + timedelta(minutes=edge)
    return int(at.timestamp()) + chance.choice((-1, 0, 0, 1))


_WORDS: Final = (
    "call", "call", "call", "call_elsewhere", "call_lost", "complain", "refuse", "free", "free", "list", "unlist",
    "unlist", "agree", "agree", "withdraw",
)  # fmt: skip


def a_history(chance: random.Random, now: int) -> tuple[tuple[int, str], ...]:
    """What was put on record, in that order; some of it at moments that lie ahead, as after a clock that was wrong."""
    told = []
    for _ in range(chance.choice((0, 0, 1, 2, 4, 8))):
        back = chance.choice((0, 1, 60, 3600, DAY_S, 7 * DAY_S, MONTH_S, 2 * MONTH_S))
        at = now - back + chance.choice((-1, 0, 0, 1, chance.randrange(-DAY_S, DAY_S)))
        told.append((at, chance.choice(_WORDS)))
    return tuple(told)
