"""Why a campaign cannot be started as things stand, though it could be once: a recording or a trunk has gone, say."""

from collections.abc import Mapping

from campaigns.survey_paper import unspoken
from core.errors import ConfigError
from service import from_config
from service.campaign_book import CampaignBook
from service.campaign_check import judge
from service.campaign_fields import BY_KEY
from service.config_campaigns import SURVEY, USUAL_SURVEY, survey_name_of
from service.config_surveys import problems_of, survey_of
from service.form_reader import Told
from service.survey_words import unrecorded

_SURVEY = "survey"


def unfit(name: str, book: CampaignBook) -> str:
    """What is wrong with campaign ``name`` of ``book`` and how to mend it, Chinese first; "" where nothing is. It reads
    the survey and looks which recordings there are: some milliseconds.
    """
    configured = book.configured.get(name)
    if configured is not None:
        faults = _by_voice(survey_name_of(configured), book) if configured.mode == SURVEY else []
    else:
        values = book.kept[name].values
        faults = [_in_words(it, values, book) for it in judge(values, book.config, book.surveys.made).faults]
    if not faults:
        return ""
    zh, en = "；".join(it.zh for it in faults), "; ".join(it.en for it in faults)
    if any(it.key == _SURVEY for it in faults):
        mend_zh, mend_en = "请补上录音或换一份问卷，再开始", "record what is missing, or give it another survey"
    else:
        mend_zh, mend_en = "请先改好再开始", "mend that first"
    return f"任务“{name}”现在不能开始：{zh}。{mend_zh} / campaign {name!r} cannot be started: {en}; {mend_en}"


def _by_voice(survey: str, book: CampaignBook) -> list[Told]:
    problems = problems_of(survey, book.config, from_config.house_of(book.config), book.surveys.made)
    zh = _survey_zh(survey, book) or BY_KEY[_SURVEY].wrong_zh
    return [Told(_SURVEY, zh, "; ".join(problems))] if problems else []


def _in_words(fault: Told, values: Mapping[str, object], book: CampaignBook) -> Told:
    """The Chinese of a form is short, as it stands beside the survey: here it says which part of it is mute."""
    if fault.key != _SURVEY or values.get("mode", SURVEY) != SURVEY:
        return fault
    return Told(_SURVEY, _survey_zh(str(values.get(_SURVEY) or USUAL_SURVEY), book) or fault.zh, fault.en)


def _survey_zh(name: str, book: CampaignBook) -> str:
    """What keeps a voice from asking it; "" where that is something else."""
    try:
        survey = survey_of(name, book.config, book.surveys.made)
    except ConfigError:
        return f"没有问卷“{name}”，或它的文件有误"
    gaps = unrecorded(unspoken(survey.flow, from_config.prompts_of(book.config).names()))
    said = "；".join(f"{one.node} {one.zh}" for one in gaps)
    return f"问卷“{name}”不能用语音问：{said}" if said else ""
