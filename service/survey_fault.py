"""What keeps a campaign from asking its survey, in one clear sentence: there is none, a voice cannot say it, or it is a
notice and agents cannot use it.
"""

from collections.abc import Mapping

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
    return Told(KEY, _in_chinese(name, config, made, by_voice=by_voice), "; ".join(problems))


def _in_chinese(name: str, config: Config, made: Mapping[str, Survey], *, by_voice: bool) -> str:
    try:
        survey = survey_of(name, config, made)
    except ConfigError:
        return f"问卷“{name}”的文件不在或有误" if name in survey_files(own_surveys(config)) else f"没有问卷“{name}”"
    if not by_voice:
        return f"“{name}”是不提问的通知，坐席用不上；请写话术，或改用自动语音"
    gaps = unrecorded(unspoken(survey.flow, from_config.prompts_of(config).names()))
    said = "；".join(f"{one.node} {one.zh}" for one in gaps)
    return f"问卷“{name}”不能用语音问" + (f"：{said}" if said else "")
