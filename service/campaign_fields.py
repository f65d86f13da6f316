"""The form of a campaign: one line for each key of [[campaign]] that a supervisor may set on the page; those of its
[campaign.retry] are called ``retry.busy`` and so on (``service.campaign_retry_fields``).

What a value may be is said by ``service.config_checks`` and its neighbours, as for the file; here stand its words, and
in which modes it counts.
"""

import dataclasses
from collections.abc import Mapping
from typing import Final

from campaigns.script import LONGEST
from service.campaign_choices import AGENTS, AHEAD, Choice, caller_ids, modes, queues, surveys, trunks
from service.campaign_field import Field
from service.campaign_retry_fields import RETRY, RETRY_FIELDS
from service.config_campaigns import MANUAL, MODES, PREVIEW, SURVEY
from service.config_model import CampaignConfig
from service.config_retry import RetrySettings

DIALLING: Final = "dialling"
LIMITS: Final = "limits"
AFTERWARDS: Final = "afterwards"
_LONG_ZH: Final = f"话术是最多 {LONGEST} 个字的文本"

FIELDS: Final = (
    Field(
        "name", "text", "名称", "Name", "名称由汉字、字母、数字、点、横线或下划线组成，最多 63 个字",
        hint_zh="例如“六月服务回访”。保存后不能改。",
        hint_en="For example “visits-june”: letters, digits, '.', '_' and '-', at most 63. It cannot be changed later.",
    ),
    Field(
        "mode", "choice", "方式", "Mode", "坐席通话的方式要选队列", modes,
        page_en=(("needs queue", "agents talk in this mode; choose their queue"),),
    ),
    Field(
        "survey", "choice", "问卷或通知", "Survey or notice",
        "没有这份问卷", surveys,
        hint_zh="自动语音时由系统问或播放；坐席通话时显示在坐席的页面上，由坐席填写。",
        hint_en="By voice the system asks or plays it; agents fill it in on their page while they talk.",
    ),
    Field(
        "queue", "choice", "坐席队列", "Queue of the agents",
        "坐席通话要选已有的队列；预览和手动要选每次只振一人的队列", queues,
        warned_zh=(
            ("callers are led to", "这个队列也接来电，来电和外呼的数字会混在一起：最好用外呼专用的队列。"),
            ("do not answer by themselves", "队列里有坐席的话机不会自动接听：来不及接的客户会听到致歉语。"),
        ),
        page_en=(
            ("do not answer by themselves", "phones of the queue do not answer by themselves: whom nobody answers in "
             "time hears an apology"),
        ),
        modes=AGENTS,
        hint_zh="由这个队列的坐席通话。最好是外呼专用的队列；同一坐席可以在几个队列里，来电总是优先。",
        hint_en="Whose agents talk. Best a queue for outbound calls; agents may serve several, and callers come first.",
        none_zh="还没有坐席队列：请管理员在配置文件里加 [[queue]] 和 [[agent]]，再重新载入配置。",
        none_en="There is no queue yet: an administrator adds [[queue]] and [[agent]] and reloads.",
    ),
    Field(
        "script", "prose", "话术", "Script", _LONG_ZH, warning_zh="话术是给坐席读的，语音问卷用不上", modes=AGENTS,
        live=True,
        hint_zh="坐席照着读。# 开头是标题，- 开头是要点；{name} 换成客户姓名，{车型} 换成名单里那一列。可以不填。",
        hint_en="Agents read it: # begins a heading, - a point; {name} and the list's columns are filled in. Optional.",
    ),
    Field(
        "caller_id", "suggested", "主叫号码", "Caller id", "主叫号码只能是数字，前面可以有 +", caller_ids,
        "不是本公司的号码，任务将不能拨打任何人",
        warned_zh=(("cannot be judged", "还没有登记本公司的号码，无法核对。"),),
        page_en=(
            ("cannot be judged", "no number of ours is known, so it cannot be checked"),
            ("is no number of ours", "it is no number of ours, so the campaign may call nobody"),
        ),
        hint_zh="客户手机上显示的号码，只能是本公司的号码。",
        hint_en="What the customer sees; it must be a number of ours.",
        none_zh="还没有登记本公司的号码：请管理员在 [[trunk]] 的 caller_ids 里写上；先可手工填写。",
        none_en="No number of ours is known: an administrator writes caller_ids of the [[trunk]]; type one until then.",
    ),
    Field(
        "trunk", "choice", "线路", "Trunk", "没有这条线路", trunks,
        hint_zh="从哪条运营商线路打出去。几个任务共用一条线路时轮流占用。",
        hint_en="The carrier that the calls go through; campaigns on one trunk take turns.",
        none_zh="还没有线路，不能外呼：请管理员运行 line400 trunk new。",
        none_en="There is no trunk, so nobody can be called: an administrator runs line400 trunk new.",
    ),
    Field(
        "concurrency", "int", "同时呼叫路数", "Lines", "路数是 1 到 1000 的整数", modes=(SURVEY,), live=True,
        unit_zh="路", unit_en="lines", hint_zh="同时最多拨打和通话的数量，越多越快。",
        hint_en="Calls at a time, at most: the more, the faster.",
    ),
    Field(
        "hours", "lines", "呼叫时段", "Calling hours", "每行一个时段，要有星期和起止时间，例如 mon-fri 09:00-12:00",
        warning_zh="会在夜间（21:00 至次日 08:00）给客户打电话，请检查起止时间是否写反", live=True,
        hint_zh="只在这些时段拨打；公司和号码归属地的时段另外限制。",
        hint_en="It calls only then; hours of the house and of the number's region hold besides.",
    ),
    Field(
        "purpose", "choice", "目的", "Purpose", "目的只能是服务或推广",
        lambda _config: [
            Choice("service", "服务（回访、召回、预约）", "Service (return visits, recalls, appointments)"),
            Choice("promotion", "推广（须客户事先同意）", "Promotion (needs the customer's consent)"),
        ],
        "推广类外呼已整体关闭，任务将不能拨打任何人", live=True,
        page_en=(("switched off", "promotional calls are switched off, so the campaign may call nobody"),),
        hint_zh="卖东西、邀约置换是推广：没有同意记录的客户不会被拨打。",
        hint_en="To sell something is promotion: customers without a consent on record are not called.",
    ),
    Field(
        "holidays", "choice", "节假日", "Public holidays", "只能选择是否避开法定节假日",
        lambda _config: [
            Choice("", "照常呼叫", "Call as on other days"),
            Choice("CN", "避开中国法定节假日", "Not on those of China"),
        ],
        part=DIALLING, live=True, hint_zh="避开时，调休的周末按周一的时段。",
        hint_en="Where they are left out, weekend days that make up for them have Monday's hours.",
    ),
    Field(
        "order", "choice", "次序", "Order", "没有这种次序",
        lambda _config: [
            Choice("list", "先拨未拨过的，按名单次序", "Who was not tried, in the order of the lists"),
            Choice("newest", "先拨最新的名单", "The newest list first"),
            Choice("again", "先拨该重拨的", "Who is to be tried again first"),
        ],
        part=DIALLING, live=True, hint_zh="约好时间回电的客户总在最前。",
        hint_en="Who was promised a call comes first.",
    ),
    Field(
        "ring_timeout_s", "number", "振铃时长", "Ring for", "振铃时长是 5 到 180 秒", part=DIALLING,
        unit_zh="秒", unit_en="s", hint_zh="客户没接，响这么久后挂断。",
        hint_en="Who does not answer is rung so long.",
    ),
    Field(
        "preview_s", "number", "预览时限", "Preview for", "预览时限是 10 到 600 秒", part=DIALLING, modes=(PREVIEW,),
        unit_zh="秒", unit_en="s", hint_zh="坐席看资料的时间；到时不处理，客户退回名单，坐席转为小休。",
        hint_en="So long an agent may read; then the contact goes back to the list and he is paused.",
    ),
    Field(
        "preview_again_min", "number", "跳过后再排", "Skipped: again after", "跳过后再排的时间是 1 到 10080 分钟",
        part=DIALLING, modes=(PREVIEW, MANUAL), unit_zh="分钟", unit_en="min",
        hint_zh="坐席跳过的客户至少隔这么久再给坐席看。", hint_en="Whom an agent skips is shown again so much later.",
    ),
    Field(
        "script_en", "prose", "话术（英文）", "Script in English", _LONG_ZH, part=DIALLING, modes=AGENTS, live=True,
        hint_zh="给用英文页面的坐席。可以不填。", hint_en="For agents who read the page in English. Optional.",
    ),
    *RETRY_FIELDS,
    Field(
        "lines", "int", "线路上限", "Most lines", "线路上限是 0 到 1000 的整数，0 为通常值", part=LIMITS, modes=AGENTS,
        live=True, unit_zh="路", unit_en="lines", hint_zh="同时最多拨打和通话的数量；0：每名坐席 3 路。",
        hint_en="Calls at a time, at most; 0: three for each agent.",
    ),
    Field(
        "within_s", "number", "接起后等坐席", "Agent within", "坐席接通时限是 0.5 到 10 秒", part=LIMITS, modes=AHEAD,
        unit_zh="秒", unit_en="s", hint_zh="客户接起后这么久仍没有坐席，就播放致歉语并挂断。",
        hint_en="Who has no agent by then hears an apology and is hung up.",
    ),
    Field(
        "abandon_pct", "number", "接起无坐席上限", "Abandoned at most", "放弃率上限是 0 到 10", part=LIMITS,
        modes=("predictive",), unit_zh="%", unit_en="%",
        hint_zh="接起却等不到坐席的客户，任意 30 天内不超过这个比例。越小坐席等得越久。",
        hint_en="The most of those who answer that may find no agent, in any 30 days. The less, the more agents wait.",
    ),
    Field(
        "record", "bool", "录音", "Record", "只能是或否", part=AFTERWARDS,
        hint_zh="通话录音并转成文字。", hint_en="Calls are recorded and transcribed.",
    ),
)  # fmt: skip
BY_KEY: Final = {field.key: field for field in FIELDS}
DEFAULTS: Final[Mapping[str, object]] = {
    **{field.name: field.default for field in dataclasses.fields(CampaignConfig)},
    **{f"{RETRY}.{field.name}": field.default for field in dataclasses.fields(RetrySettings)},
}
"""What holds where a key is left out."""


def counts(key: str, mode: str) -> bool:
    """Whether ``key`` means anything in ``mode``; in a mode that there is not, whatever is told."""
    field = BY_KEY.get(key)
    return field is None or not field.modes or mode not in MODES or mode in field.modes
