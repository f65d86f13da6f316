"""What is said of a survey on the page, in its terms: the reader of files speaks of keys and tables."""

from collections.abc import Mapping, Sequence
from typing import Final

from campaigns.papers import Node
from campaigns.survey_paper import PaperRemark
from console.survey_views import SurveyTold

_NO_ITEM: Final = ("要去的那一项不存在", "There is no such item to go to")
_NO_LAST: Final = ("后面没有别的项了，请在最后加一个结束语", "Nothing comes after it; add an end as the last item")
_BY_KEY: Final[Mapping[str, tuple[str, str]]] = {
    "name": (
        "名称由 1 到 40 个汉字、字母、数字、横线或下划线组成，不能重复",
        "A name has 1 to 40 letters, digits, '-' or '_', and is there once",
    ),
    "kind": ("没有这种题型", "There is no such kind of question"),
    "text": ("请填写要问的话", "Write what is asked"),
    "low": ("下限要是整数，并且小于上限", "The lowest must be a whole number below the highest"),
    "high": (
        "上限要是整数，大于下限（打分最多 100，数字最多 9999999）",
        "The highest must be a whole number above the lowest (a score at most 100, a number at most 9999999)",
    ),
    "low_score": ("低分线要在下限和上限之间", "The low score must lie between the lowest and the highest"),
    "choices": ("至少要有两个选项", "There must be two answers at least"),
    "key": (
        "按键只能是 0 到 9、* 或 #，不能和别的选项（或重听键 *）相同",
        "A key is one of 0 to 9, * or #, and no other answer's (nor *, which says the question again)",
    ),
    "phrases": ("这个说法和别的选项相同，请改得不一样", "Another answer says the same; word it in another way"),
    "goto": _NO_ITEM,
    "fallback": ("没有回答时要去的那一项不存在", "There is no such item to go to without an answer"),
    "yes": _NO_ITEM,
    "no": _NO_ITEM,
    "silent": _NO_ITEM,
    "call_again": _NO_ITEM,
    "from": ("“从”要在下限和上限之间", "From must lie between the lowest and the highest"),
    "to": (
        "“到”要在下限和上限之间，并且不小于“从”",
        "To must lie between the lowest and the highest, and not below From",
    ),
    "result": ("没有这种结束方式", "There is no such way to end"),
    "moment": ("看不懂这个时间，请写成“明天上午”这样", "This is no time; write it as 明天上午"),
    "nodes": ("至少要有一项，最多 200 项", "There must be 1 to 200 items"),
    "start": ("至少要有一项", "There must be one item at least"),
}
_BY_TEXT: Final = (
    ("nothing leads here", "没有任何一项会来到这里", "No item leads here"),
    (
        "comes to no end from here",
        "从这里怎么回答也到不了结束语，请改“然后”",
        "Whatever is answered, it comes to no end from here; change Then",
    ),
    (
        "endless loop",
        "这几项互相指向，永远问不完，请改“然后”",
        "These items lead to each other without end; change Then",
    ),
    ("goto is missing", *_NO_LAST),
    ("fallback is missing", *_NO_LAST),
    ("there is no node", *_NO_ITEM),
    ("unknown key", "这一题型没有这个设置", "This kind of question has no such setting"),
    ("can neither be pressed nor said", "选项要有文字或按键", "An answer needs words or a key"),
    (
        "nothing is asked and no voice",
        "没有一个问题；通知要有录音",
        "Nothing is asked; a notice needs a recording",
    ),
    (
        "callers come here who have not said when",
        "有人来到这里却没有说过什么时候再打",
        "Some come here who have not said when to call again",
    ),
    ("text is missing", "请填写选项的文字", "Write the words of the answer"),
    ("low is missing", "请填写下限", "Write the lowest"),
    ("high is missing", "请填写上限", "Write the highest"),
    ("is there twice", "名称重复", "This name is there twice"),
    (
        "result of kind promise",
        "“约好再打”只能由约定回电的结束语得出",
        "Only an end that promises a call counts as one",
    ),
    ("result '", "没有这种结束方式", "There is no such way to end"),
    ("a survey ends with", "问卷只能以结束语或约定回电结束", "A survey ends with words or with a promised call"),
)


def told(remarks: Sequence[PaperRemark], nodes: Sequence[Node]) -> list[SurveyTold]:
    """``remarks`` about ``nodes`` as the page shows them."""
    by_name = {str(node.get("name")): node for node in nodes}
    found = [_told(remark, by_name) for remark in remarks]
    return list({(one.node, one.key, one.zh): one for one in found}.values())  # two keys may be missing for one reason


def _told(remark: PaperRemark, nodes: dict[str, Node]) -> SurveyTold:
    key, text = remark.key, remark.text
    if key == "prompts" and not nodes.get(remark.node, {}).get("text"):  # of a question the page asks for its words
        key, text = "text", "is missing or empty; say what is asked"
    last = key.rpartition(".")[2]
    said = next(((zh, en) for part, zh, en in _BY_TEXT if part in text), None) or _BY_KEY.get(last)
    zh, en = said or (f"这一项有误（{text}）", f"{key}: {text}" if key else text)
    return SurveyTold(remark.node, key, zh, en)


def unrecorded(gaps: Sequence[tuple[str, tuple[str, ...]]]) -> list[SurveyTold]:
    """What a voice needs: nodes without a recording, or with names of recordings that are not there."""
    return [
        SurveyTold(node, "prompts", f"没有录音文件：{'、'.join(names)}", f"lacks the recording {', '.join(names)}")
        if names
        else SurveyTold(node, "prompts", "没有录音，语音不能播放", "has no recording, so a voice cannot say it")
        for node, names in gaps
    ]
