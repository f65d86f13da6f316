"""What can become true of how campaigns are to call, and of what was asked of them."""

from dataclasses import dataclass

from core.events import Fact, fact


@fact("campaign.made")
@dataclass(frozen=True, slots=True)
class CampaignMade(Fact):
    """Account ``by`` has made ``campaign``; ``plan`` is a JSON object with the keys of [[campaign]]."""

    campaign: str
    plan: str
    by: str


@fact("campaign.changed")
@dataclass(frozen=True, slots=True)
class CampaignChanged(Fact):
    """Account ``by`` has changed how ``campaign`` calls; ``plan`` is all that holds from now on."""

    campaign: str
    plan: str
    by: str


@fact("campaign.removed")
@dataclass(frozen=True, slots=True)
class CampaignRemoved(Fact):
    """Account ``by`` has removed ``campaign``, of which nothing had come; its name is free."""

    campaign: str
    by: str


@fact("campaign.ordered")
@dataclass(frozen=True, slots=True)
class CampaignOrdered(Fact):
    """``campaign`` was told to start, pause or stop (``what``); ``by`` the account, "" the command line. ``refused``
    says why it was not done, "" where it was.
    """

    campaign: str
    what: str
    by: str
    refused: str = ""


@fact("survey.made")
@dataclass(frozen=True, slots=True)
class SurveyMade(Fact):
    """Account ``by`` has written version ``number`` (from 1) of ``survey`` on the page, which ``form`` marks in
    answers; ``paper`` is a JSON list of its nodes (``campaigns.survey_paper``).
    """

    survey: str
    number: int
    form: str
    paper: str
    by: str


@fact("survey.removed")
@dataclass(frozen=True, slots=True)
class SurveyRemoved(Fact):
    """Account ``by`` has removed ``survey``, so that no campaign may ask it; its versions and answers stay."""

    survey: str
    by: str


@fact("prompt.handed")
@dataclass(frozen=True, slots=True)
class PromptHanded(Fact):
    """Account ``by`` has handed a recording over, which a voice says as ``prompt``; it lasts ``seconds``."""

    prompt: str
    seconds: float
    by: str


@fact("survey.form")
@dataclass(frozen=True, slots=True)
class SurveyFormSeen(Fact):
    """``survey`` is asked in the version ``form`` from now on; ``questions`` is a JSON object of its questions in their
    order, each an object with ``kind`` (``ivr.flow.Kind``), ``text`` (in Chinese and English), ``low``, ``high`` and
    ``unit`` of numbers, ``options`` of choices (value: their text), ``counts`` false of what only leads the way. In
    older logs ``[low, high]`` of a scale, or null.
    """

    form: str
    survey: str
    questions: str
