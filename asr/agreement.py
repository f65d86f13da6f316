"""Yes or no, as Chinese callers say it: 是的, 对, 有, 没错 → yes; 不是, 没有, 还没 → no. None where it is neither.

Chinese answers with the verb of the question, so 有, 可以, 愿意, 需要 mean yes, and each with 不 or 没 before it no.
The first clause that says either decides. 对 agrees with what follows (对，没有 → no). Who does not know, asks back or
offers a choice (有没有) has not answered; a wrong answer is worse than asking again.
"""

import re
import unicodedata
from typing import Final

from asr.pinyin import toneless
from asr.text import normalise, simplified

_UNSURE: Final = re.compile(
    r"不知道|不清楚|不晓得|不记得|记不|不确定|没注意|没听|听不|没明白|不明白|不懂|不好说|说不|不一定|忘了|忘记|什么|哪|谁|怎么"
    r"|对不起|不好意思|不错|再说|重复|吗|(?P<asked>.{1,2})[不没](?P=asked)|有没有"
)
_CLAUSES: Final = re.compile(r"[\s,.!?;:、。，！？；：…]+")
_BEFORE: Final = re.compile(
    r"^(?:嗯+|呃|啊|哦|噢|唉|那个|喂|你好|您好|我觉得|我想|我记得|印象中|印象里|应该|好像|大概|可能|其实|当时|我|他们|都|也|就|这个)"
)
_YES: Final = re.compile(r"没错|没问题|没有问题|没毛病|当然|肯定|确实|可以|愿意|需要|方便|是|对|有|好|行|要|能|会|嗯嗯")
_NO: Final = re.compile(r"不|没|否|无|别|从来没|从来不|还没|并没|一直没|根本没|完全没|未")
_AGREES: Final = re.compile(r"^(?:是的?|对的?|对啊|是啊|嗯+)(?P<rest>.*)")
_SOUNDS: Final = {
    "shi de": True, "shi": True, "dui": True, "dui de": True, "you": True, "you de": True, "mei cuo": True,
    "bu shi": False, "bu shi de": False, "bu dui": False, "mei you": False, "mei you a": False, "bu yong": False,
    "bu yao": False,
}  # fmt: skip
"""Whole answers by their sound: a recogniser writes 使得 for 是的."""


def yes_no(text: str) -> bool | None:
    """True for yes, False for no."""
    plain = simplified(unicodedata.normalize("NFKC", text)).strip()
    if _UNSURE.search("".join(_CLAUSES.split(plain))):
        return None
    verdicts = [verdict for clause in _CLAUSES.split(plain) if (verdict := _clause(clause)) is not None]
    if not verdicts:
        return _SOUNDS.get(" ".join(toneless(normalise(text).replace(" ", ""))))
    first, agreed = verdicts[0]
    for says, only_agrees in verdicts[1:]:
        if agreed and first and not says:  # 对，没有
            return False
        if not first and says and not only_agrees:  # 不是，有的: which of the two?
            return None
    return first


def _clause(clause: str) -> tuple[bool, bool] | None:
    """What one clause says, and whether it does nothing but agree or deny; None where it says neither."""
    rest = clause
    while (stripped := _BEFORE.sub("", rest)) != rest and stripped:
        rest = stripped
    if clause in {"嗯嗯", "嗯嗯嗯"}:
        return True, True
    if _YES.match(rest):
        agrees = _AGREES.match(rest)
        if agrees is None:
            return True, False
        if agrees["rest"] and _NO.match(agrees["rest"]) and not _YES.match(agrees["rest"]):
            return False, False  # 是没有讲
        return True, not agrees["rest"] or agrees["rest"] in {"的", "啊", "呀", "吧", "了"}
    return (False, rest in {"不", "不是", "没", "没有"}) if _NO.match(rest) else None
