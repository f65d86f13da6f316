"""What results of contacts are called, in tables that leave the house; the pages say the same (``words.js``)."""

from collections.abc import Mapping
from typing import Final

RESULT_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "completed": ("完成", "Completed"),
    "partial": ("部分完成", "Partial"),
    "refused": ("拒绝", "Refused"),
    "hung_up": ("中途挂机", "Hung up"),
    "no_reply": ("未回答", "No reply"),
    "postponed": ("约定再打", "Call again at a time"),
    "busy": ("忙", "Busy"),
    "no_answer": ("无人接听", "No answer"),
    "powered_off": ("已关机", "Powered off"),
    "empty_number": ("空号", "No such number"),
    "out_of_service": ("已停机", "Out of service"),
    "unreachable": ("无法接通", "Unreachable"),
    "barred": ("呼入限制", "Barred"),
    "voicemail": ("语音信箱", "Voice mail"),
    "assistant": ("来电助理", "Phone assistant"),
    "fax": ("传真机", "Fax"),
    "failed": ("失败", "Failed"),
    "interrupted": ("系统中断", "Interrupted"),
    "withdrawn": ("未拨出", "Not dialled"),
    "talked": ("已与座席通话", "Talked with an agent"),
    "abandoned": ("接通无座席", "Abandoned"),
    "held_out": ("对照组，不拨打", "Held out"),
    "put_aside": ("搁置：不再符合条件", "Put aside: matches no more"),
    "barred_refused": ("不拨：客户已拒绝", "Not called: refused"),
    "barred_do_not_call": ("不拨：免打扰名单", "Not called: do-not-call list"),
    "barred_no_consent": ("不拨：没有同意记录", "Not called: no consent"),
    "barred_promotions_off": ("不拨：推广外呼已关闭", "Not called: promotions are off"),
    "barred_caller_id": ("不拨：主叫号码不是本公司的", "Not called: caller id is not ours"),
    "barred_list_hours": ("不拨：任务没有可用时段", "Not called: the campaign has no hours"),
    "barred_house_hours": ("不拨：公司没有可用时段", "Not called: the house has no hours"),
    "barred_region_hours": ("不拨：该地区没有可用时段", "Not called: the region has no hours"),
    "barred_dialling": ("不拨：此号码不允许外呼", "Not called: [dialling] forbids it"),
}
"""By the result of an attempt, or of a contact who is not called; Chinese and English."""
STATE_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "pending": ("待拨", "Pending"),
    "dialling": ("正在拨", "Being called"),
    "done": ("完成", "Done"),
}
"""By the state of a contact."""


def in_words(words: Mapping[str, tuple[str, str]], key: str) -> str:
    """``无人接听 No answer``; the key itself where there is no word for it."""
    return " ".join(words[key]) if key in words else key
