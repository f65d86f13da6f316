"""The form of a campaign: one line for each key of [[campaign]] that a supervisor may set on the page; those of its
[campaign.retry] are called ``retry.busy`` and so on.

What a value may be is said by ``service.config_checks`` and its neighbours, as for the file; here stand its words.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from campaigns.script import LONGEST
from campaigns.survey import survey_files
from service.config_campaigns import USUAL_SURVEY
from service.config_surveys import own_surveys

if TYPE_CHECKING:
    from service.config_model import Config

Kind: TypeAlias = Literal["text", "choice", "suggested", "int", "number", "lines", "prose", "bool"]
"""``suggested``: any text, with suggestions; ``lines``: texts, one a line; ``prose``: one text of many lines."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values, with its words."""

    value: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Field:
    """``key`` of [[campaign]] on the form: its title, and in Chinese what it must be (``wrong_zh``, the checks say it
    in English) and what a warning about it means. Those of one ``part`` ("": the main one) stand together.
    """

    key: str
    kind: Kind
    zh: str
    en: str
    wrong_zh: str
    choices: "Callable[[Config], list[Choice]]" = lambda _config: []
    warning_zh: str = "请再确认此项"
    part: str = ""


_LONG_ZH: Final = f"话术是最多 {LONGEST} 个字的文本"


def _as_they_are(values: list[str]) -> list[Choice]:
    return [Choice(value, value, value) for value in dict.fromkeys(values)]


def _trunks(config: "Config") -> list[Choice]:
    return _as_they_are([*(trunk.name for trunk in config.trunks), *(group.name for group in config.trunk_groups)])


def _caller_ids(config: "Config") -> list[Choice]:
    """Numbers of ours, as the configuration writes them."""
    shown = [number for trunk in config.trunks for number in (*trunk.caller_ids, trunk.caller_id) if number]
    called = [number.number for number in config.numbers if number.number.lstrip("+").isdigit()]
    return _as_they_are([*shown, *config.calling.caller_ids, *called])


def _surveys(config: "Config") -> list[Choice]:
    known = _as_they_are(sorted(survey_files(own_surveys(config))))
    return [
        Choice("", f"通常（语音：{USUAL_SURVEY}；坐席：无）", f"Usual (voice: {USUAL_SURVEY}; agents: none)"),
        *known,
    ]


def _queues(config: "Config") -> list[Choice]:
    return [Choice("", "—", "—"), *(Choice(it.name, it.title or it.name, it.title or it.name) for it in config.queues)]


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
_RESULTS: Final = (
    ("busy", "忙", "Busy"),
    ("no_answer", "无人接听", "No answer"),
    ("powered_off", "已关机", "Powered off"),
    ("unreachable", "无法接通", "Unreachable"),
    ("barred", "呼入限制", "Takes no calls"),
    ("voicemail", "语音信箱", "Voice mail"),
    ("assistant", "来电助理", "Phone assistant"),
    ("empty_number", "空号", "No such number"),
    ("out_of_service", "已停机", "Out of service"),
    ("fax", "传真机", "Fax"),
    ("failed", "线路失败", "Trunk or network failed"),
    ("interrupted", "系统中断", "Cut off by our side"),
    ("no_reply", "接起未回答", "Answered, no reply"),
    ("hung_up", "接起即挂", "Answered and hung up"),
    ("partial", "问卷未做完", "Survey left half-way"),
    ("talked", "已与坐席通话", "Talked with an agent"),
    ("abandoned", "接通无坐席", "Answered, no agent came"),
    ("refused", "拒绝", "Declined"),
)


def _count_field(key: str, zh: str, en: str) -> Field:
    return Field(f"{RETRY}.{key}", "int", zh, en, "次数是 1 到 20 的整数", part=RETRY)


def _wait_field(key: str, zh: str, en: str) -> Field:
    wrong_zh = "只能是“10 min”“2 h”（1 分钟到 30 天）、“next window”“next day”或“never”"
    return Field(f"{RETRY}.{key}", "choice", zh, en, wrong_zh, lambda _config: list(_WAITS), part=RETRY)


FIELDS: Final = (
    Field("name", "text", "名称", "Name", "名称由汉字、字母、数字、点、横线或下划线组成，最多 63 个字"),
    Field(
        "mode", "choice", "方式", "Mode", "坐席接听的方式要选队列",
        lambda _config: [
            Choice("survey", "语音问卷或通知（不用坐席）", "A survey or notice, without agents"),
            Choice("progressive", "坐席接听：空闲一人拨一路", "Agents: a call for each who is free"),
            Choice("predictive", "坐席接听：预测拨号", "Agents: predictive"),
            Choice("preview", "坐席接听：先预览再拨", "Agents: preview, they dial"),
            Choice("manual", "坐席接听：手动（预览不限时）", "Agents: by hand, preview without a limit"),
        ],
    ),
    Field(
        "queue", "choice", "坐席队列", "Queue of the agents",
        "语音问卷不用选队列，坐席接听要选已有的队列，预览和手动要选每次只振一人的队列", _queues,
        "该队列也接来电（数字会混在一起），或有坐席的话机不会自动接听",
    ),
    Field(
        "survey", "choice", "问卷", "Survey", "没有这份问卷，或缺少它的语音提示，或它是不提问的通知（坐席用不上）",
        _surveys,
    ),
    Field("script", "prose", "话术", "Script", _LONG_ZH, warning_zh="话术是给坐席读的，语音问卷用不上"),
    Field("script_en", "prose", "话术（英文）", "Script in English", _LONG_ZH),
    Field("trunk", "choice", "线路", "Trunk", "没有这条线路", _trunks),
    Field(
        "caller_id", "suggested", "主叫号码", "Caller id", "主叫号码只能是数字，前面可以有 +", _caller_ids,
        "不是本公司的号码，任务将不能拨打任何人",
    ),
    Field("concurrency", "int", "同时呼叫路数", "Lines", "路数是 1 到 1000 的整数"),
    Field("lines", "int", "线路上限", "Most lines (0: usual)", "线路上限是 0 到 1000 的整数，0 为通常值"),
    Field("within_s", "number", "坐席接通秒数", "Agent within (s)", "坐席接通时限是 0.5 到 10 秒"),
    Field("abandon_pct", "number", "放弃率上限 %", "Abandoned at most (%)", "放弃率上限是 0 到 10"),
    Field("preview_s", "number", "预览秒数", "Preview for (s)", "预览时限是 10 到 600 秒"),
    Field(
        "preview_again_min", "number", "跳过后再排（分钟）", "Skipped: again after (min)",
        "跳过后再排的时间是 1 到 10080 分钟",
    ),
    Field("ring_timeout_s", "number", "振铃秒数", "Ring for (s)", "振铃时长是 5 到 180 秒"),
    Field("hours", "lines", "呼叫时段", "Calling hours", "每行一个时段，例如 mon-fri 09:00-12:00"),
    Field(
        "holidays", "choice", "节假日", "Public holidays", "只能选择是否避开法定节假日",
        lambda _config: [
            Choice("", "照常呼叫", "Call as on other days"),
            Choice("CN", "避开中国法定节假日", "Not on those of China"),
        ],
    ),
    Field(
        "purpose", "choice", "目的", "Purpose", "目的只能是服务或推广",
        lambda _config: [
            Choice("service", "服务（回访、召回、预约）", "Service (return visits, recalls, appointments)"),
            Choice("promotion", "推广（须客户事先同意）", "Promotion (needs the customer's consent)"),
        ],
        "推广类外呼已整体关闭，任务将不能拨打任何人",
    ),
    Field(
        "order", "choice", "次序", "Order", "没有这种次序",
        lambda _config: [
            Choice("list", "先拨未拨过的，按名单次序", "Who was not tried, in the order of the lists"),
            Choice("newest", "先拨最新的名单", "The newest list first"),
            Choice("again", "先拨该重拨的", "Who is to be tried again first"),
        ],
    ),
    Field("record", "bool", "录音", "Record", "只能是或否"),
    _count_field("attempts", "每人最多拨打次数", "Attempts at a person at most"),
    _count_field("per_number", "每个号码最多拨打次数", "Attempts at a number at most"),
    *(_wait_field(*each) for each in _RESULTS),
)  # fmt: skip
BY_KEY: Final = {field.key: field for field in FIELDS}
