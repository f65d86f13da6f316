"""What can answer a call, the verdict on one, and what a refusal by SIP and the telephone network says of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class What(StrEnum):
    """What answered, or why nobody does."""

    RINGING = "ringing"  # ring-back or colour ring: nothing is decided
    POWERED_OFF = "powered_off"  # 已关机
    EMPTY_NUMBER = "empty_number"  # 空号
    OUT_OF_SERVICE = "out_of_service"  # 已停机
    BUSY = "busy"  # 正在通话中
    UNREACHABLE = "unreachable"  # 暂时无法接通, 不在服务区
    NO_ANSWER = "no_answer"  # 暂时无人接听
    BARRED = "barred"  # 呼入限制, 暂停服务
    VOICEMAIL = "voicemail"  # 请在提示音后留言
    ASSISTANT = "assistant"  # 我是机主的智能助理
    BEEP = "beep"  # the beep of an answering machine
    FAX = "fax"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Verdict:
    """``what`` answered, decided at ``at_s`` (the clock of the evidence), and ``why`` in words for people."""

    what: What
    why: str
    at_s: float


_OF_CAUSE: Final[Mapping[int, What]] = {
    1: What.EMPTY_NUMBER,  # unallocated number
    17: What.BUSY,
    18: What.NO_ANSWER,  # no user responding
    19: What.NO_ANSWER,  # alerted, but no answer
    20: What.UNREACHABLE,  # subscriber absent: off, or out of reach
    22: What.EMPTY_NUMBER,  # number changed
    27: What.OUT_OF_SERVICE,  # destination out of order
    55: What.BARRED,  # incoming calls barred
}
"""Q.850. The other causes speak of the network or of us, not of whom we called."""
_OF_STATUS: Final[Mapping[int, What]] = {
    408: What.NO_ANSWER,
    480: What.NO_ANSWER,
    486: What.BUSY,
    487: What.NO_ANSWER,
    600: What.BUSY,
}
"""404 is not here: by itself it may as well mean that the carrier did not like how we wrote the number."""


def of_cause(cause: int | None) -> What | None:
    """What Q.850 ``cause`` says of the called number; None: nothing."""
    return None if cause is None else _OF_CAUSE.get(cause)


def of_refusal(status: int, cause: int | None) -> What | None:
    """What a SIP refusal says of the called number: its ``cause`` goes before its ``status``. None: nothing."""
    return of_cause(cause) or _OF_STATUS.get(status)
