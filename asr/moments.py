"""When somebody wants to be called: 明天上午再打给我, 下周三下午三点吧, 半个小时以后再打.

A day without a time means ten o'clock, a part of the day its usual hour (上午 10:00, 下午 15:00); an hour without a
part is one of the working day (三点 is 15:00, 九点 is 9:00). What lies in the past, or more than 90 days ahead, is no
wish. What is said of now (今天没时间) or against calls (不要再打了) is none either.
"""

import re
import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Final

from asr.numbers import whole
from asr.text import simplified

MOST: Final = timedelta(days=90)
_NUMBER: Final = r"[零〇一二两三四五六七八九十\d]{1,3}"
_PARTS: Final = {
    "早上": (9, 11), "早晨": (9, 11), "上午": (10, 12), "中午": (12, 14), "下午": (15, 18), "傍晚": (17, 19),
    "晚上": (19, 21), "晚": (19, 21), "早": (9, 11),
}  # fmt: skip
"""At which hour, and until which one the part lasts."""
_LATE: Final = frozenset({"下午", "傍晚", "晚上", "晚"})
_DAYS: Final = {"大后天": 3, "后天": 2, "明天": 1, "明日": 1, "明": 1, "今天": 0, "今日": 0, "今": 0}
_WEEKDAYS: Final = {
    name: at for at, names in enumerate(("一1", "二2", "三3", "四4", "五5", "六末6", "日天7")) for name in names
}
_OPENS: Final = 10
_SOON: Final = timedelta(minutes=30)
_SOUNDS_LIKE: Final = re.compile(r"(?<!下)([上下])[五舞屋](?!个|年|次|月|点)")
_REFUSES: Final = re.compile(r"(?:不要|别|不用|不必|不需要|甭|勿)(?:再|给我|在)*(?:打|联系|来电)")
_NOT_NOW: Final = re.compile(
    r"(?:我?(?:今天|今日|现在|这会儿?|目前|上午|中午|下午|晚上|明天)+)?我?(?:都|也|很|比较|正|正在|在|真)*"
    r"(?:没有?空|没有?时间|不方便|不行|不在|开会|开车|上班|忙)"
)
_CALL: Final = re.compile(r"打|联系|回电|来电|电话|回访|通话")
_AFTER: Final = re.compile(
    rf"(?P<pass>再?过|等)?(?P<count>半|{_NUMBER})(?P<more>个半)?个?(?P<unit>小时|钟头|钟|分钟|刻钟|天|星期|礼拜|周)"
    r"(?P<then>以后|之后|过后|后)?"
)
_UNITS: Final = {
    "小时": timedelta(hours=1), "钟头": timedelta(hours=1), "钟": timedelta(hours=1), "分钟": timedelta(minutes=1),
    "刻钟": timedelta(minutes=15), "天": timedelta(days=1), "星期": timedelta(days=7), "礼拜": timedelta(days=7),
    "周": timedelta(days=7),
}  # fmt: skip
_SOMETIME: Final = re.compile(r"(?:待|等|过)一?会儿?|等一下|稍后|稍等|晚一?点|晚些")
_DATE: Final = re.compile(rf"(?:(?P<month>{_NUMBER})月)?(?P<day>{_NUMBER})[号日]")
_WEEKDAY: Final = re.compile(r"(?P<next>下?下?)个?(?:这|本)?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天末1-7])")
_DAY: Final = re.compile(r"大后天|后天|明天|明日|今天|今日|[明今](?=[早晚])")
_PART: Final = re.compile(r"早上|早晨|上午|中午|下午|傍晚|晚上|(?<=[明今])[早晚]")
_CLOCK: Final = re.compile(
    rf"(?P<hour>{_NUMBER})(?:[点时](?!分)(?:(?P<half>半)|(?P<quarter>[一三])刻|(?P<minute>{_NUMBER})分?)?|:(?P<exact>\d\d))"
)
_LEFT_OVER: Final = re.compile(r"[的吧呢啊呀哦嗯呃嘛那就在再行好可以我你您们左右大概大约钟整，。,.、！!？?\s]*")


def wish(text: str, now: datetime) -> datetime | None:
    """When the speaker wants to be called, said ``now`` (local time with its zone); None where he says no such thing.
    Unless he speaks of a call (打, 联系, …) he must have said nothing but a time.
    """
    plain = _plain(text)
    if _REFUSES.search(plain):
        return None
    told = _NOT_NOW.sub("", plain)
    found = moment_said(told, now)
    if found is None or (not _CALL.search(told) and not _LEFT_OVER.fullmatch(_without_times(told))):
        return None
    return found


def is_moment(text: str) -> bool:
    """Whether ``text`` names a moment at all."""
    return moment_said(text, datetime(2026, 1, 1, tzinfo=UTC)) is not None


def moment_said(text: str, now: datetime) -> datetime | None:
    """The moment that ``text`` names, seen from ``now`` (local time with its zone)."""
    said = re.sub(r"\s+", "", _plain(text))
    at = _after(said, now) or _named(said, now)
    return at if at is not None and now <= at <= now + MOST else None


def _plain(text: str) -> str:
    """In simplified characters, with 上午 and 下午 where recognisers wrote what sounds like them."""
    return _SOUNDS_LIKE.sub(r"\1午", simplified(unicodedata.normalize("NFKC", text)))


def _after(text: str, now: datetime) -> datetime | None:
    """So long from now."""
    found = _AFTER.search(text)
    if found is not None and (found["pass"] or found["then"]):
        unit = _UNITS[found["unit"]]
        count = 0.5 if found["count"] == "半" else float(whole(found["count"]) or 0)
        span = unit * (count + (0.5 if found["more"] else 0.0))
        if span and unit < _UNITS["天"]:
            return _minute(now + span)
        day = now + span
        return _time(text[found.end() :], day, now) if span else None
    return _minute(now + _UNITS["小时"]) if _SOMETIME.search(text) and not _DAY.search(text) else None


def _named(text: str, now: datetime) -> datetime | None:
    """On a day, at a time, or both."""
    day = _day(text, now)
    if day is not None:
        return _time(text, day, now)
    if not _PART.search(text) and not _CLOCK.search(text):
        return None
    today = _time(text, now, now)
    return today if today is not None and today >= now else _time(text, now + timedelta(days=1), now)


def _day(text: str, now: datetime) -> datetime | None:
    if (found := _WEEKDAY.search(text)) is not None:
        ahead = _WEEKDAYS[found["weekday"]] - now.weekday()
        if found["next"]:
            return now + timedelta(days=ahead + 7 * len(found["next"]))
        return now + timedelta(days=ahead % 7)
    if (found := _DAY.search(text)) is not None:
        return now + timedelta(days=_DAYS[found[0]])
    if (found := _DATE.search(text)) is None:
        return None
    month, day = whole(found["month"]) if found["month"] else None, whole(found["day"])
    for ahead in range(MOST.days + 1):
        one = now + timedelta(days=ahead)
        if one.day == day and month in (None, one.month):
            return one
    return None


def _time(text: str, day: datetime, now: datetime) -> datetime | None:
    """On ``day``, at the time that ``text`` names, or at a usual one."""
    named, clock = _PART.search(text), _CLOCK.search(text)
    part = named[0] if named else ""
    if clock is not None:
        return _at_clock(clock, part, day)
    opens, ends = _PARTS[part] if part else (_OPENS, 24)
    at = _minute(day.replace(hour=opens, minute=0))
    soon = _minute(now + _SOON)
    if at < now and day.date() == now.date() and soon.hour < ends and soon.date() == now.date():
        return soon  # this afternoon, said in it
    return at


def _at_clock(clock: re.Match[str], part: str, day: datetime) -> datetime | None:
    hour, minute = whole(clock["hour"]), 0
    if clock["half"]:
        minute = 30
    elif clock["quarter"]:
        minute = 15 * (whole(clock["quarter"]) or 0)
    elif clock["minute"] or clock["exact"]:
        minute = whole(clock["minute"] or clock["exact"]) or 0
    if hour is None or hour > 23 or minute > 59:
        return None
    if hour < 12 and (part in _LATE or (not part and hour < 8) or (part == "中午" and hour < 4)):
        hour += 12
    return _minute(day.replace(hour=hour, minute=minute))


def _minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _without_times(text: str) -> str:
    for pattern in (_AFTER, _SOMETIME, _WEEKDAY, _DAY, _DATE, _CLOCK, _PART):
        text = pattern.sub("", text)
    return text
