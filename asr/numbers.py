"""The score that a caller says: 八分吧 → 8, 打个九分 → 9, 十分，服务态度非常好 → 10.

A number counts where 分 follows it or where it is all that was said. Numbers about something else (等了四十分钟,
第一次, 两个小时) do not, nor does 十分 as an adverb (十分满意). Where two scores are said, the one that the caller
gives (满分十分我打八分) or corrects to (八分，不对，九分) counts; otherwise none, and the question is asked again.
"""

import re
import unicodedata
from typing import Final

from asr.pinyin import toneless
from asr.text import simplified

_VALUES: Final = {
    "零": 0, "〇": 0, "一": 1, "幺": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9,
}  # fmt: skip
_SAID: Final = {
    "ling": 0, "yi": 1, "yao": 1, "er": 2, "liang": 2, "san": 3, "si": 4, "wu": 5, "liu": 6, "qi": 7, "ba": 8, "jiu": 9,
    "shi": 10,
}  # fmt: skip
_NUMERAL: Final = r"(?:(?<!\d)\d{1,4}|(?<![零〇一幺二两三四五六七八九十百千万])[零〇一幺二两三四五六七八九十百千万]+)"
_POINTS: Final = re.compile(rf"(?P<number>{_NUMERAL})\s*分(?P<after>.?)")
_ADVERB: Final = re.compile(
    r"十分(?:的)?(?:满意|不|好|差|感谢|谢谢|抱歉|热情|专业|糟|满|愉快|方便|清楚|耐心|周到|失望)"
)
_GIVES: Final = frozenset("打给评是算就值个")
_CORRECTS: Final = ("不对", "不是", "说错", "改成", "应该", "还是")
_FULL: Final = ("满分",)
_FILLERS: Final = re.compile(
    r"^(?:嗯|呃|啊|哦|那个|那|就|我觉得|我认为|我想|我说|我|打个|打|给你们|给个|给|评个|评|选|是|大概|大约|应该是?|按)+"
    r"|(?:吧|啊|呀|哦|嗯|的|呢|了|好了|就行|谢谢)+$"
)
_LONE_POINTS: Final = re.compile(
    r"(?:(?:wo|jiu|en|jue|de|gei|da|ge|ping|xuan) )*"
    r"(?P<number>ling|yi|er|liang|san|si|wu|liu|qi|ba|jiu|shi) (?:fen|feng|shen|sheng|hen)(?: (?:ba|a|la|le|da|ma))*"
)
_PUNCTUATION: Final = re.compile(r"[\s,.!?;:、。，！？；：…~\"'“”‘’\-]+")


def _value(numeral: str) -> int | None:
    """A numeral of digits or characters, 0 to 100; None beyond or where it is no proper number."""
    if numeral.isdigit():
        return int(numeral)
    if numeral in ("百", "一百"):
        return 100
    if len(numeral) == 1 and numeral in _VALUES:
        return _VALUES[numeral]
    tens, ten, ones = numeral.partition("十")
    if not ten or (tens and tens not in _VALUES) or (ones and ones not in _VALUES):
        return None
    return (_VALUES[tens] if tens else 1) * 10 + (_VALUES[ones] if ones else 0)


def _chosen(text: str, points: list[tuple[int, int, bool]]) -> int | None:
    """One of several scores ``(position, value, given)``: the same one repeated, corrected to, or the one given."""
    values = {value for _, value, _ in points}
    if len(values) == 1:
        return values.pop()
    before_last = text[points[-2][0] : points[-1][0]]
    if any(word in before_last for word in _CORRECTS):
        return points[-1][1]
    given = {value for _, value, gives in points if gives}
    return given.pop() if len(given) == 1 else None


def score(text: str, low: int = 0, high: int = 10) -> int | None:
    """The whole score from ``low`` to ``high`` that ``text`` gives, or None: no score, out of range or not clear."""
    plain = simplified(unicodedata.normalize("NFKC", text)).strip()
    counted = _ADVERB.sub("", plain)
    points: list[tuple[int, int, bool]] = []
    spoiled = False
    for found in _POINTS.finditer(counted):
        value = _value(found["number"])
        before = counted[found.start() - 1 : found.start()]
        if before in ("点", "."):
            spoiled = True
            continue
        if found["after"] in ("钟", "之") or before == "第":
            continue
        if value is None or not low <= value <= high:
            spoiled = True
            continue
        points.append((found.start("number"), value, before in _GIVES))
    if points:
        return _chosen(counted, points)
    if spoiled:
        return None
    if any(word in plain for word in _FULL):
        return high
    return _alone(plain, low, high)


def _alone(text: str, low: int, high: int) -> int | None:
    """The score where nothing but a number was said, also where its sounds were written with other characters."""
    bare = _PUNCTUATION.sub("", text)
    previous = ""
    while previous != bare:
        previous = bare
        bare = _FILLERS.sub("", bare)
    value = _value(bare) if re.fullmatch(_NUMERAL, bare) else None
    if value is None:
        heard = _LONE_POINTS.fullmatch(" ".join(toneless(_PUNCTUATION.sub("", text))))
        value = _SAID[heard["number"]] if heard else None
    return value if value is not None and low <= value <= high else None


def whole(numeral: str) -> int | None:
    """A numeral of digits or characters alone, 0 to 100; None where it is no proper number."""
    return _value(numeral)
