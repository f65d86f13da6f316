"""Reads the nodes of a flow file that ask: menus, questions of every kind, remarks. Part of ``ivr.load``.

``choice``, ``yes_no``, ``scale``, ``nps``, ``number`` and ``speech`` are the questions of a form, which an agent may
ask as well: there ``text`` may stand instead of ``prompts``. ``menu`` leads the way;
``question`` and ``remark`` are how a scale and speech are written in flows.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from asr.moments import is_moment
from ivr.flow import DIGITS, WORDLESS, Asking, Branch, Choice, Kind, Menu, Node, Question, Remark, WordBranch, Words
from ivr.section import Section

_SCORE_LIMIT: Final = 9999
_NUMBER_LIMIT: Final = 9_999_999
_USUAL: Final = Asking((), (), "")
_OF_A_FORM: Final = replace(
    _USUAL,
    rejected=("invalid_input",),
    repeat_key="*",
    repeat_phrases=("再说一遍", "重复一遍", "没听清", "没听清楚", "您说什么"),
)
"""At the questions of a form ``say_or_press`` would ask for a wish, and every one of them can be heard again."""


def words_of(section: Section, key: str = "text") -> Words:
    """What an agent reads out: ``text`` and ``text_en``."""
    return Words(section.text(key, ""), section.text(f"{key}_en", ""))


def _asked(section: Section, prompts: tuple[str, ...], example: str, words: Words) -> None:
    """A question needs a voice, or words for an agent."""
    if not prompts and words == WORDLESS:
        section.fault("prompts", f'is missing or empty; say what is asked for, such as ["{example}"]')


def _asking(section: Section, words: Words, usual: Asking = _USUAL) -> Asking:
    prompts = section.texts("prompts")
    _asked(section, prompts, "menu_main", words)
    repeat_key = section.text("repeat_key", usual.repeat_key)
    if repeat_key and repeat_key not in DIGITS:
        section.fault("repeat_key", f"{repeat_key!r} is no key; use one of 0-9 * # A-D")
    return Asking(
        prompts=prompts,
        again=section.texts("again", prompts),
        fallback=section.text("fallback"),
        no_input=section.texts("no_input", usual.no_input),
        invalid=section.texts("invalid", usual.invalid),
        rejected=section.texts("rejected", usual.rejected),
        tries=section.whole("tries", usual.tries, 1, 10),
        no_input_s=section.seconds("no_input_s", usual.no_input_s, 1.0, 60.0),
        max_speech_s=section.seconds("max_speech_s", usual.max_speech_s, 1.0, 30.0),
        repeat_key=repeat_key,
        repeat_phrases=section.texts("repeat_phrases", usual.repeat_phrases),
        barge_in_key=section.flag("barge_in_key", usual.barge_in_key),
        barge_in_voice=section.flag("barge_in_voice", usual.barge_in_voice),
        type_ahead=section.flag("type_ahead", usual.type_ahead),
        call_again=section.text("call_again", ""),
    )


def _menu(name: str, section: Section) -> Menu:
    words = words_of(section)
    asking = _asking(section, words)
    choices = _choices(section, asking, goto="", spoken=False)
    if not choices:
        section.fault("choices", "a menu needs choices: [nodes.NAME.choices.CHOICE] with key, phrases and goto")
    return Menu(name, asking, choices, section.flag("keep", False), words=words)


def _choice(name: str, section: Section) -> Menu:
    words = words_of(section)
    asking = _asking(section, words, _OF_A_FORM)
    choices = _choices(section, asking, goto=section.text("goto", ""), spoken=True)
    if len(choices) < 2:
        section.fault("choices", "a choice needs two or more: [nodes.NAME.choices.CHOICE] with text, key and phrases")
    return Menu(name, asking, choices, True, Kind.CHOICE, words, section.flag("required", True))


def _choices(section: Section, asking: Asking, *, goto: str, spoken: bool) -> tuple[Choice, ...]:
    """``goto`` is where choices lead that do not say; ``spoken``: their text counts as a phrase."""
    choices = []
    taken = {asking.repeat_key: "repeat_key"} if asking.repeat_key else {}
    said = dict.fromkeys(asking.repeat_phrases, "repeat_phrases")
    for choice_name, part in section.tables("choices"):
        words = words_of(part)
        usual = (words.zh,) if spoken and words.zh else ()
        choice = Choice(
            choice_name,
            part.text("goto", goto or None),
            part.text("key", ""),
            part.texts("phrases", usual),
            words,
            part.text("moment", ""),
        )
        part.done()
        if choice.moment and not is_moment(choice.moment):
            part.fault("moment", f"{choice.moment!r} is no time; write it as 明天上午 or 周三下午三点")
        if choice.key and choice.key not in DIGITS:
            part.fault("key", f"{choice.key!r} is no key; use one of 0-9 * # A-D")
        if choice.key and choice.key in taken:
            part.fault("key", f"{choice.key} is already used by {taken[choice.key]}; give another key")
        for phrase in choice.phrases:
            if phrase in said:
                part.fault("phrases", f"{phrase} is already used by {said[phrase]}; say it once")
        if not choice.key and not choice.phrases:
            part.fault("", "can neither be pressed nor said; give a key or phrases")
        taken.setdefault(choice.key, choice_name)
        said.update(dict.fromkeys(choice.phrases, choice_name))
        choices.append(choice)
    return tuple(choices)


def _yes_no(name: str, section: Section) -> Menu:
    words = words_of(section)
    asking = _asking(section, words, _OF_A_FORM)
    goto = section.text("goto", "")
    choices: list[Choice] = []
    for answer, usual_key, said in (("yes", "1", Words("是", "yes")), ("no", "2", Words("否", "no"))):
        text = Words(section.text(f"{answer}_text", said.zh), section.text(f"{answer}_text_en", said.en))
        key = section.text(f"{answer}_key", usual_key)
        if key not in DIGITS or key == asking.repeat_key or key in {choice.key for choice in choices}:
            section.fault(f"{answer}_key", f"{key!r} is no key, or is already used; use another one of 0-9 * # A-D")
        goes = section.text(answer, goto or None)
        choices.append(Choice(answer, goes, key, section.texts(f"{answer}_phrases"), text))
    return Menu(name, asking, tuple(choices), True, Kind.YES_NO, words, section.flag("required", True))


def _question(name: str, section: Section) -> Question:
    bounds = _bounds(section, None, _SCORE_LIMIT)
    return _number_from(name, section, bounds, Kind.NPS if bounds == (0, 10) else Kind.SCALE)


def _scale(name: str, section: Section) -> Question:
    return _number_from(name, section, _bounds(section, None, 100), Kind.SCALE, _OF_A_FORM)


def _nps(name: str, section: Section) -> Question:
    return _number_from(name, section, (0, 10), Kind.NPS, _OF_A_FORM)


def _number(name: str, section: Section) -> Question:
    return _number_from(name, section, _bounds(section, 0, _NUMBER_LIMIT), Kind.NUMBER, _OF_A_FORM)


def _bounds(section: Section, usual_low: int | None, limit: int) -> tuple[int, int]:
    low, high = section.whole("low", usual_low, 0, limit), section.whole("high", None, 0, limit)
    if low >= high and section.has("high"):
        section.fault("high", f"must be above low, which is {low}")
    return low, high


def _number_from(name: str, section: Section, bounds: tuple[int, int], kind: Kind, usual: Asking = _USUAL) -> Question:
    low, high = bounds
    words = words_of(section)
    asking = _asking(section, words, usual)
    terminator = section.text("terminator", "#")
    if terminator and (terminator not in DIGITS or terminator.isdigit()):
        section.fault("terminator", 'must be "#", "*" or "" for none')
    if terminator and terminator == asking.repeat_key:
        section.fault("repeat_key", f"{terminator} already ends the number; give another key")
    branches = []
    for _, part in section.tables("branches"):
        branches.append(
            Branch(part.whole("from", None, low, high), part.whole("to", None, low, high), part.text("goto"))
        )
        part.done()
        if branches[-1].low > branches[-1].high:
            part.fault("to", "must not be below from")
    spoken = section.table("phrases")
    for value in spoken.names():
        if not value.isdigit() or not low <= int(value) <= high:
            spoken.fault(value, f"must be a value from {low} to {high}")
    phrases = {value: spoken.texts(value) for value in spoken.names()}
    scored = kind is not Kind.NUMBER
    return Question(
        name=name,
        asking=asking,
        low=low,
        high=high,
        goto=section.text("goto"),
        branches=tuple(branches),
        phrases=MappingProxyType(phrases),
        terminator=terminator,
        inter_digit_s=section.seconds("inter_digit_s", 2.5, 0.5, 30.0),
        kind=kind,
        words=words,
        unit=words_of(section, "unit") if kind is Kind.NUMBER else WORDLESS,
        required=section.flag("required", True),
        low_score=section.whole("low_score", low, low - 1, high) if scored and section.has("low_score") else None,
    )


def _remark(name: str, section: Section) -> Remark:
    prompts, words = section.texts("prompts"), words_of(section)
    _asked(section, prompts, "survey_reason", words)
    terminator = section.text("terminator", "#")
    if terminator not in DIGITS:
        section.fault("terminator", f"{terminator!r} is no key; use one of 0-9 * # A-D")
    branches = []
    for _, part in section.tables("branches"):
        branches.append(WordBranch(part.texts("phrases"), part.text("goto")))
        part.done()
        if not branches[-1].phrases:
            part.fault("phrases", 'is missing or empty; say which words lead there, such as ["投诉"]')
    usual = Remark(name, prompts, "")
    return Remark(
        name=name,
        prompts=prompts,
        goto=section.text("goto"),
        terminator=terminator,
        no_input_s=section.seconds("no_input_s", usual.no_input_s, 1.0, 60.0),
        pause_s=section.seconds("pause_s", usual.pause_s, 0.5, 10.0),
        max_speech_s=section.seconds("max_speech_s", usual.max_speech_s, 1.0, 30.0),
        branches=tuple(branches),
        silent=section.text("silent", ""),
        words=words,
        required=section.flag("required", False),
    )


ASKING_READERS: Final[Mapping[str, Callable[[str, Section], Node]]] = {
    "menu": _menu,
    "choice": _choice,
    "yes_no": _yes_no,
    "question": _question,
    "scale": _scale,
    "nps": _nps,
    "number": _number,
    "remark": _remark,
    "speech": _remark,
}
