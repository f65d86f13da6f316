"""What may be chosen on the form of a campaign: modes, and what the house has: trunks, numbers, queues, surveys."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from campaigns.notice import words_of_notice
from campaigns.survey import Survey, load_survey, survey_files
from core.errors import ConfigError
from ivr.flow import WORDLESS, Exit, Play, Words
from ivr.form import form_questions
from service.config_campaigns import MANUAL, MODES, PREVIEW, SURVEY, USUAL_SURVEY, agents_serving
from service.config_surveys import own_surveys
from service.survey_titles import survey_titles

if TYPE_CHECKING:
    from service.config_model import Config

AGENTS: Final = tuple(mode for mode in MODES if mode != SURVEY)
"""Modes in which agents talk."""
AHEAD: Final = tuple(mode for mode in AGENTS if mode not in (PREVIEW, MANUAL))
"""Those in which somebody may have answered before an agent is there."""
_QUESTIONS: Final = ("问卷", "Surveys")
_NOTICES: Final = ("通知（不提问，只播放）", "Notices (nothing is asked)")
_MOST_LINES: Final = 5
_LONGEST_LINE: Final = 120


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the values, with its words, and what it means; ``modes`` in which it can be chosen (none: in all). Those
    of one ``group`` (Chinese and English) stand together.
    """

    value: str
    zh: str
    en: str
    hint_zh: str = ""
    hint_en: str = ""
    modes: tuple[str, ...] = ()
    group: tuple[str, str] = ("", "")


def as_they_are(values: list[str]) -> list[Choice]:
    """Each value is its own word."""
    return [Choice(value, value, value) for value in dict.fromkeys(values)]


def modes(_config: "Config") -> list[Choice]:
    """Who talks, and how fast is dialled."""
    return [
        Choice(
            SURVEY, "自动语音：问卷或通知", "By voice: a survey or notice",
            "系统自己拨打和提问，客户按键或说话回答，或只听一段通知。不占坐席。",
            "The system calls and asks; customers press keys or speak, or just listen. It needs no agents.",
        ),
        Choice(
            "progressive", "坐席通话：逐个拨", "Agents: one call for each who is free",
            "有一名坐席空闲才拨一路，客户接起时有坐席在等。适合名单小、坐席少（约 5 人以下）。",
            "A call is made only when an agent is free for it. For short lists and few agents (about 5).",
        ),
        Choice(
            "predictive", "坐席通话：预测拨号", "Agents: predictive",
            "按接通率提前多拨，坐席等得最短；接起却无坐席的比例不超过上限。适合名单大、坐席多。",
            "Dials ahead, so that agents hardly wait; few who answer find none, by a cap. For long lists.",
        ),
        Choice(
            PREVIEW, "坐席通话：先看资料再拨", "Agents: preview, they dial",
            "先给坐席看客户和车的资料，由他在限时内点拨打或跳过。适合要先了解再打的客户。",
            "The agent reads about the customer first, then dials or skips within a time.",
        ),
        Choice(
            MANUAL, "坐席通话：手动，不限时", "Agents: by hand, without a limit",
            "与“先看资料再拨”一样，但看多久都可以，由坐席自己取下一位。",
            "The same without a time limit; the agent takes the next one himself.",
        ),
    ]  # fmt: skip


def trunks(config: "Config") -> list[Choice]:
    """Carriers, and groups of them."""
    return as_they_are([*(trunk.name for trunk in config.trunks), *(group.name for group in config.trunk_groups)])


def caller_ids(config: "Config") -> list[Choice]:
    """Numbers of ours, as the configuration writes them."""
    shown = [number for trunk in config.trunks for number in (*trunk.caller_ids, trunk.caller_id) if number]
    called = [number.number for number in config.numbers if number.number.lstrip("+").isdigit()]
    return as_they_are([*shown, *config.calling.caller_ids, *called])


def queues(config: "Config") -> list[Choice]:
    """Groups of agents, with how many are in each."""
    found = []
    for queue in config.queues:
        count, title = len(agents_serving(queue.name, config)), queue.title or queue.name
        zh, en = (
            ("", "")
            if count
            else ("这个队列里还没有坐席，一个电话也不会拨。", "Nobody serves it: nobody would be called.")
        )
        found.append(Choice(queue.name, f"{title}（{count} 名坐席）", f"{title} ({count} agents)", zh, en, AGENTS))
    return found


def surveys(config: "Config") -> list[Choice]:
    """What can be asked or said, with its words; the usual one of each way first. It reads their files."""
    files = survey_files(own_surveys(config))
    named = sorted(files, key=lambda name: (name != USUAL_SURVEY, name))
    none = Choice("", "不用问卷", "No form", "坐席只读话术。", "Agents only read the script.", AGENTS)
    found = []
    for name in named:
        try:
            found.append(survey_choice(name, load_survey(files[name])))
        except ConfigError:  # the check says what is wrong with it, once it is chosen
            found.append(Choice(name, f"{name}（文件有错）", f"{name} (its file is faulty)", group=_QUESTIONS))
    titles = survey_titles(config)
    return [none, *(_titled(it, titles.get(it.value, WORDLESS)) for it in found)]


def _titled(choice: Choice, title: Words) -> Choice:
    """What people call it goes before its name."""
    return replace(choice, zh=f"{title.zh} {choice.zh}".strip(), en=f"{title.en} {choice.en}".strip())


def survey_choice(name: str, survey: Survey) -> Choice:
    """A survey with the first of its questions, or a notice with what it says."""
    if survey.is_notice:
        told = words_of_notice(survey.flow)
        said = [it.words for it in survey.flow.nodes.values() if it.name in told and isinstance(it, Play | Exit)]
        return Choice(name, name, name, *_listed(said), (SURVEY,), _NOTICES)
    asked = [it.words for it in form_questions(survey.flow) if it.counts]
    count = len(asked)
    return Choice(
        name, f"{name}（{count} 个问题）", f"{name} ({count} questions)", *_listed(asked), group=_QUESTIONS
    )  # fmt: skip


def _listed(said: Sequence[Words]) -> tuple[str, str]:
    """In Chinese and in English (Chinese where there is none), a line each; the first of them."""
    known = [words for words in dict.fromkeys(said) if words.zh or words.en]
    shown, more = known[:_MOST_LINES], ["…"] if len(known) > _MOST_LINES else []
    zh = [_short(words.zh or words.en) for words in shown] + more
    en = [_short(words.en or words.zh) for words in shown] + more
    return "\n".join(zh), "\n".join(en)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_LINE else f"{text[: _LONGEST_LINE - 1]}…"
