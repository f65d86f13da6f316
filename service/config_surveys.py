"""Surveys in the configuration: where their files are, and what is wrong with those and with what they need."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from campaigns.survey import Survey, find_survey, load_survey
from core.errors import ConfigError
from ivr.check import House, check_flow
from service.config_campaigns import SURVEY, survey_name_of

if TYPE_CHECKING:
    from service.config_model import Config


NONE_MADE: Final[Mapping[str, Survey]] = MappingProxyType({})


def own_surveys(config: "Config") -> Mapping[str, Path]:
    """Where the surveys of the house are written, by name."""
    return {survey.name: survey.file for survey in config.surveys}


def survey_of(name: str, config: "Config", made: Mapping[str, Survey] = NONE_MADE) -> Survey:
    """The survey of that name, the house's, a shipped one, or one ``made`` on the page; ``ConfigError`` with its
    faults.
    """
    return find_survey(name, own_surveys(config), made)


def survey_versions(config: "Config") -> dict[str, str]:
    """By name, to tell whether a file has changed; "" where it cannot be read any more."""
    return {name: _version(path) for name, path in own_surveys(config).items()}


def survey_problems(config: "Config", house: House) -> list[str]:
    """Faults of the house's survey files, used or not, and of the surveys that campaigns name."""
    read = {name: _read(path) for name, path in own_surveys(config).items()}
    problems = [problem for it in read.values() if not isinstance(it, Survey) for problem in it]
    asked = dict.fromkeys((survey_name_of(campaign), campaign.mode == SURVEY) for campaign in config.campaigns)
    for name, by_voice in asked:
        it, needs = read.get(name), house if by_voice else None
        if isinstance(it, Survey):
            problems += _needed(name, it, needs)
        elif it is None:
            problems += problems_of(name, config, needs)
    return list(dict.fromkeys(problems))


def problems_of(name: str, config: "Config", house: House | None, made: Mapping[str, Survey] = NONE_MADE) -> list[str]:
    """What keeps a campaign from asking survey ``name`` ("": none): faults of its file, and what a voice needs and
    ``house`` does not have; None: agents ask.
    """
    if not name:
        return []
    try:
        survey = survey_of(name, config, made)
    except ConfigError as error:
        return error.problems
    return _needed(name, survey, house)


def _needed(name: str, survey: Survey, house: House | None) -> list[str]:
    if house is not None:
        return check_flow(survey.flow, house)
    asks_nothing = f'survey {name!r} is a notice and asks nothing; for agents write a script, or take mode = "survey"'
    return [asks_nothing] if survey.is_notice else []


def _read(path: Path) -> Survey | list[str]:
    """The survey, or the faults of its file. Once for each: what it warns of goes to the log each time."""
    try:
        return load_survey(path)
    except ConfigError as error:
        return error.problems


def _version(path: Path) -> str:
    try:
        return load_survey(path).version
    except ConfigError:
        return ""
