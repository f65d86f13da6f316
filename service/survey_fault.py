"""What keeps a campaign from asking its survey, in one clear sentence: there is none, a voice cannot say it, or it is a
notice and agents cannot use it.
"""

from collections.abc import Mapping, Sequence

from campaigns.survey import Survey, survey_files
from campaigns.survey_paper import unspoken
from core.errors import ConfigError
from service import from_config
from service.config_campaigns import SURVEY, survey_name_of
from service.config_model import CampaignConfig, Config
from service.config_surveys import own_surveys, problems_of, survey_of
from service.form_reader import Told
from service.survey_words import unrecorded

KEY = "survey"


def survey_fault(campaign: CampaignConfig, config: Config, made: Mapping[str, Survey]) -> Told | None:
    """None where ``campaign`` could ask it. It reads the survey and looks which recordings there are: some
    milliseconds.
    """
    name, by_voice = survey_name_of(campaign), campaign.mode == SURVEY
    problems = problems_of(name, config, from_config.house_of(config) if by_voice else None, made)
    if not problems:
        return None
    return _told(name, config, made, problems, by_voice=by_voice)


def _told(name: str, config: Config, made: Mapping[str, Survey], problems: Sequence[str], *, by_voice: bool) -> Told:
    """``problems`` are told as they are where the survey's file is wrong, or there is none."""
    try:
        survey = survey_of(name, config, made)
    except ConfigError:
        wrong = name in survey_files(own_surveys(config))
        return Told(KEY, f"问卷“{name}”的文件不在或有误" if wrong else f"没有问卷“{name}”", "; ".join(problems))
    if not by_voice:
        return Told(
            KEY,
            f"“{name}”是不提问的通知，坐席用不上；请写话术，或改用自动语音",
            f"survey {name!r} is a notice, which agents cannot use; write a script, or let a voice say it",
        )
    gaps = unrecorded(unspoken(survey.flow, from_config.prompts_of(config).names()))
    if not gaps:
        return Told(KEY, f"问卷“{name}”不能用语音问", "; ".join(problems))
    zh, en = "；".join(f"{one.node} {one.zh}" for one in gaps), "; ".join(f"{one.node} {one.en}" for one in gaps)
    return Told(KEY, f"问卷“{name}”不能用语音问：{zh}", f"survey {name!r} cannot be asked by voice: {en}")
