"""The lines of a campaign's form for [campaign.retry]: how often a person is called, and when again."""

from typing import Final

from service.campaign_choices import AGENTS, AHEAD, Choice
from service.campaign_field import Field
from service.config_campaigns import SURVEY

RETRY: Final = "retry"
_WAITS: Final = (
    Choice("10 min", "10 分钟后", "After 10 minutes"),
    Choice("30 min", "30 分钟后", "After 30 minutes"),
    Choice("1 h", "1 小时后", "After an hour"),
    Choice("2 h", "2 小时后", "After two hours"),
    Choice("4 h", "4 小时后", "After four hours"),
    Choice("next window", "下一时段（半天后）", "The next half of the day"),
    Choice("next day", "第二天", "The next day"),
    Choice("48 h", "两天后", "After two days"),
    Choice("168 h", "一周后", "After a week"),
    Choice("never", "不再拨", "Never"),
)


def _count(key: str, zh: str, en: str, hint_zh: str, hint_en: str) -> Field:
    return Field(
        f"{RETRY}.{key}", "int", zh, en, "次数是 1 到 20 的整数", part=RETRY, live=True, unit_zh="次", unit_en="times",
        hint_zh=hint_zh, hint_en=hint_en,
    )  # fmt: skip


def _wait(key: str, zh: str, en: str, *modes: str, hint_zh: str = "", hint_en: str = "") -> Field:
    wrong_zh = "只能是“10 min”“2 h”（1 分钟到 30 天）、“next window”“next day”或“never”"
    return Field(
        f"{RETRY}.{key}", "choice", zh, en, wrong_zh, lambda _config: list(_WAITS), part=RETRY, modes=modes, live=True,
        hint_zh=hint_zh, hint_en=hint_en,
    )  # fmt: skip


RETRY_FIELDS: Final = (
    _count(
        "attempts", "每人最多拨打", "A person at most", "一位客户的所有号码合计。",
        "All the numbers of a person together.",
    ),
    _count("per_number", "每个号码最多拨打", "A number at most", "客户有几个号码时。", "Each of his numbers."),
    _wait("busy", "忙", "Busy"),
    _wait("no_answer", "无人接听", "No answer"),
    _wait("powered_off", "已关机", "Powered off"),
    _wait("unreachable", "无法接通", "Unreachable"),
    _wait("barred", "呼入限制", "Takes no calls"),
    _wait("voicemail", "语音信箱", "Voice mail"),
    _wait("assistant", "来电助理", "Phone assistant"),
    _wait("empty_number", "空号", "No such number", hint_zh="他的其他号码照拨。", hint_en="Others of his are called."),
    _wait("out_of_service", "已停机", "Out of service"),
    _wait("fax", "传真机", "Fax"),
    _wait("failed", "线路失败", "Trunk or network failed"),
    _wait("interrupted", "系统中断", "Cut off by our side"),
    _wait("no_reply", "接起未回答", "Answered, no reply", SURVEY),
    _wait("hung_up", "接起即挂", "Answered and hung up"),
    _wait("partial", "问卷未做完", "Survey left half-way"),
    _wait("talked", "已与坐席通话", "Talked with an agent", *AGENTS),
    _wait(
        "abandoned", "接通无坐席", "Answered, no agent came", *AHEAD,
        hint_zh="公司规定的间隔更长时按规定。", hint_en="The rules of the house may leave him alone for longer.",
    ),
    _wait("refused", "拒绝", "Declined"),
)  # fmt: skip
