"""When a caller wants to be called, as people say it."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from asr.moments import is_moment, moment_said, wish

ZONE = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 11, 25, 10, 20, 30, tzinfo=ZONE)  # a Wednesday morning


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("明天上午再打给我", "11-26 10:00"),
        ("我在开会，明天上午再打给我", "11-26 10:00"),
        ("我今天没时间明天下午打给我吧", "11-26 15:00"),
        ("现在不方便，下午三点再打吧", "11-25 15:00"),
        ("下午吧", "11-25 15:00"),
        ("上午再打", "11-25 10:50"),  # it is morning already: soon
        ("早上九点打给我", "11-26 09:00"),  # of today it has passed
        ("三点半打过来", "11-25 15:30"),
        ("明天九点一刻联系我", "11-26 09:15"),
        ("明天十点二十分给我打电话", "11-26 10:20"),
        ("明天15:30给我打电话", "11-26 15:30"),
        ("明晚七点再打", "11-26 19:00"),
        ("明早再打吧", "11-26 09:00"),
        ("后天再联系", "11-27 10:00"),
        ("大后天下午", "11-28 15:00"),
        ("周五下午三点吧", "11-27 15:00"),
        ("星期二上午打给我", "12-01 10:00"),
        ("下周三下午再打", "12-02 15:00"),
        ("下下周一再打", "12-07 10:00"),
        ("下个星期天下午打给我", "12-06 15:00"),
        ("三十号再打", "11-30 10:00"),
        ("五号上午打给我", "12-05 10:00"),
        ("十二月二十八号下午两点联系我", "12-28 14:00"),
        ("半个小时以后再打", "11-25 10:50"),
        ("过十分钟再打过来", "11-25 10:30"),
        ("一个半小时后打给我", "11-25 11:50"),
        ("两个小时之后再打", "11-25 12:20"),
        ("过两天下午再打", "11-27 15:00"),
        ("待会儿再打", "11-25 11:20"),
        ("晚点再打给我", "11-25 11:20"),
        ("嗯，明天吧", "11-26 10:00"),
        ("中午一点打给我", "11-25 13:00"),
        ("我在開會,明天上午再打給我", "11-26 10:00"),  # as recognisers write it
        ("我今天沒時間,星期五上五十點聯繫我", "11-27 10:00"),
        ("後天晚上7點以後打過來", "11-27 19:00"),
        ("下五打给我", "11-25 15:00"),
        ("下五点打给我", "11-25 17:00"),
    ],
)
def test_wishes(text: str, expected: str) -> None:
    at = wish(text, NOW)
    assert at is not None and at.strftime("%m-%d %H:%M") == expected
    assert at.tzinfo is ZONE and at.second == 0


@pytest.mark.parametrize(
    "text",
    [
        "", "你好", "可以", "没时间", "我今天没时间", "我现在在开会", "不要再打了", "明天也别打了", "以后不要打了",
        "我昨天等了四十分钟", "我上午去过了", "八分吧", "第二次了", "今天上午九点打给我", "过一百天再打", "打错了",
        "我每天下午都去接孩子", "三十二号打给我", "二十五点打给我",
    ],
)  # fmt: skip
def test_what_is_no_wish(text: str) -> None:
    assert wish(text, NOW) is None


def test_moments_of_the_configuration() -> None:
    assert is_moment("明天上午") and is_moment("周三下午三点") and not is_moment("改天") and not is_moment("")
    late = NOW.replace(hour=17, minute=50)
    assert moment_said("今天下午", late) is None, "it is over"
