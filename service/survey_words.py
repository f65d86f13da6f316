"""What is said of a survey on the page, in Chinese: the reader of files says it in English."""

from collections.abc import Sequence
from typing import Final

from campaigns.papers import Node
from campaigns.survey_paper import PaperRemark
from console.survey_views import SurveyTold

_BY_KEY: Final = {
    "name": "名称由 1 到 40 个汉字、字母、数字、横线或下划线组成，不能重复",
    "kind": "没有这种题型",
    "text": "请填写要问的话",
    "low": "下限要是整数，并且小于上限",
    "high": "上限要是整数，大于下限（打分最多 100，数字最多 9999999）",
    "low_score": "低分线要在下限和上限之间",
    "choices": "至少要有两个选项",
    "key": "按键只能是 0 到 9、* 或 #，不能和别的选项（或重听键 *）相同",
    "phrases": "这个说法和别的选项相同，请改得不一样",
    "goto": "要去的那一项不存在",
    "fallback": "没有回答时要去的那一项不存在",
    "yes": "要去的那一项不存在",
    "no": "要去的那一项不存在",
    "silent": "要去的那一项不存在",
    "call_again": "要去的那一项不存在",
    "from": "“从”要在下限和上限之间",
    "to": "“到”要在下限和上限之间，并且不小于“从”",
    "result": "没有这种结束方式",
    "moment": "看不懂这个时间，请写成“明天上午”这样",
    "nodes": "至少要有一项，最多 200 项",
    "start": "至少要有一项",
}
_BY_TEXT: Final = (
    ("nothing leads here", "没有任何一项会来到这里"),
    ("comes to no end from here", "从这里怎么回答也到不了结束语，请改“然后”"),
    ("endless loop", "这几项互相指向，永远问不完，请改“然后”"),
    ("goto is missing", "后面没有别的项了，请在最后加一个结束语"),
    ("fallback is missing", "后面没有别的项了，请在最后加一个结束语"),
    ("there is no node", "要去的那一项不存在"),
    ("unknown key", "这一题型没有这个设置"),
    ("can neither be pressed nor said", "选项要有文字或按键"),
    ("nothing is asked and no voice", "没有一个问题；通知要有录音"),
    ("callers come here who have not said when", "有人来到这里却没有说过什么时候再打"),
    ("text is missing", "请填写选项的文字"),
    ("low is missing", "请填写下限"),
    ("high is missing", "请填写上限"),
    ("is there twice", "名称重复"),
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
    zh = next((words for part, words in _BY_TEXT if part in text), None) or _BY_KEY.get(last)
    return SurveyTold(remark.node, key, zh or f"这一项有误（{text}）", f"{key}: {text}" if key else text)


def unrecorded(gaps: Sequence[tuple[str, tuple[str, ...]]]) -> list[SurveyTold]:
    """What a voice needs: nodes without a recording, or with names of recordings that are not there."""
    return [
        SurveyTold(node, "prompts", f"没有录音文件：{'、'.join(names)}", f"no recording {', '.join(names)}")
        if names
        else SurveyTold(node, "prompts", "没有录音，语音不能播放", "has no recording, so a voice cannot say it")
        for node, names in gaps
    ]
